package kubernetes

import (
	"fmt"
	"io"
	"slices"

	"k8s.io/apiserver/pkg/admission"
	mutatingpolicy "k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// ownPlugins are the project's own admission plugins, as upstream has them: by name among its own, so that its flags turn them off
// and its metrics count them.
type ownPlugins struct {
	all []apiserver.AdmissionPlugin
	// loopback is there before upstream makes the plugins.
	loopback *rest.Config
}

// register puts them in front of MutatingAdmissionPolicy, where upstream has new plugins inserted
// (k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go): policies, webhooks and quotas come last.
func (p *ownPlugins) register(o *genericoptions.AdmissionOptions) error {
	var names []string
	for _, plugin := range p.all {
		if slices.Contains(o.Plugins.Registered(), plugin.Name) {
			return fmt.Errorf("admission plugin %s: the built-in API has one of that name: give yours another", plugin.Name)
		}
		o.Plugins.Register(plugin.Name, func(io.Reader) (admission.Interface, error) { return plugin.New(p.loopback) })
		names = append(names, plugin.Name)
	}
	order := slices.Clone(o.RecommendedPluginOrder) // upstream's own list
	at := slices.Index(order, mutatingpolicy.PluginName)
	if at < 0 {
		at = len(order)
	}
	o.RecommendedPluginOrder = slices.Insert(order, at, names...)
	return nil
}
