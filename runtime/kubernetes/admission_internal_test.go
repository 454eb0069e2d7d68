package kubernetes

import (
	"slices"
	"testing"

	kubeoptions "k8s.io/kubernetes/pkg/kubeapiserver/options"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// Own plugins stand between kube-apiserver's and what is to come last, in their order.
func TestOwnPluginsStandBeforePolicies(t *testing.T) {
	options := kubeoptions.NewAdmissionOptions().GenericAdmission
	plugins := &ownPlugins{all: []apiserver.AdmissionPlugin{{Name: "b"}, {Name: "a"}}}
	if err := plugins.register(options); err != nil {
		t.Fatal(err)
	}
	order := options.RecommendedPluginOrder
	at := slices.Index(order, "b")
	if at < 1 || order[at-1] != "PodResizeValidator" || order[at+1] != "a" || order[at+2] != "MutatingAdmissionPolicy" {
		t.Errorf("the order is %v", order)
	}
	if problems := options.Validate(); len(problems) > 0 {
		t.Error(problems)
	}
	if slices.Contains(kubeoptions.AllOrderedPlugins, "b") {
		t.Error("upstream's own list has changed")
	}
}
