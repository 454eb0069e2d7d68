package controlplane_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/sample-apiserver/pkg/apis/wardle"
	wardleinstall "k8s.io/sample-apiserver/pkg/apis/wardle/install"
	wardlev1alpha1 "k8s.io/sample-apiserver/pkg/apis/wardle/v1alpha1"
	wardlev1beta1 "k8s.io/sample-apiserver/pkg/apis/wardle/v1beta1"
	sampleopenapi "k8s.io/sample-apiserver/pkg/generated/openapi"
	fischerstorage "k8s.io/sample-apiserver/pkg/registry/wardle/fischer"
	flunderstorage "k8s.io/sample-apiserver/pkg/registry/wardle/flunder"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/registry"
)

// sample is the group of upstream's sample-apiserver, with its own storage: two versions of one kind.
func sample(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	info := genericapiserver.NewDefaultAPIGroupInfo(wardle.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))
	flunders, err := flunderstorage.NewREST(scheme, registry.StorageVersion(getter, scheme, wardlev1beta1.SchemeGroupVersion))
	if err != nil {
		return info, err
	}
	fischers, err := fischerstorage.NewREST(scheme, registry.StorageVersion(getter, scheme, wardlev1alpha1.SchemeGroupVersion))
	if err != nil {
		return info, err
	}
	info.VersionedResourcesStorageMap["v1alpha1"] = map[string]rest.Storage{"flunders": flunders, "fischers": fischers}
	info.VersionedResourcesStorageMap["v1beta1"] = map[string]rest.Storage{"flunders": flunders}
	return info, nil
}

func TestVersionsOfAKind(t *testing.T) {
	server, c := start(t, "", serve.Groups(), controlplane.Groups{
		OpenAPI: sampleopenapi.GetOpenAPIDefinitions,
		Groups: []apiserver.Group{{NewRESTStorage: sample, Install: func(scheme *runtime.Scheme) {
			wardleinstall.Install(scheme)
			// Not the order of their names, which is what upstream's discovery goes by.
			utilruntime.Must(scheme.SetVersionPriority(wardlev1alpha1.SchemeGroupVersion, wardlev1beta1.SchemeGroupVersion))
		}}},
	})
	for _, accept := range []string{"application/json", "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList"} {
		got := c.must("GET", "/apis", "", "Accept", accept).Text
		if alpha, beta := strings.Index(got, `"version":"v1alpha1"`), strings.Index(got, `"version":"v1beta1"`); alpha < 0 || beta < alpha {
			t.Errorf("%s does not prefer v1alpha1: %s", accept, got)
		}
	}
	const flunders = "/namespaces/default/flunders"
	alpha, beta := "/apis/wardle.example.com/v1alpha1"+flunders, "/apis/wardle.example.com/v1beta1"+flunders

	c.must("POST", alpha, "{apiVersion: wardle.example.com/v1alpha1, kind: Flunder, metadata: {name: f}, spec: {reference: x, referenceType: Flunder}}")
	if got := c.must("GET", beta+"/f", ""); !strings.Contains(got.Text, `"flunderReference":"x"`) {
		t.Errorf("as v1beta1: %s", got.Text)
	}
	c.must("PATCH", beta+"/g?fieldManager=t", "{apiVersion: wardle.example.com/v1beta1, kind: Flunder, metadata: {name: g}, spec: {flunderReference: z, referenceType: Flunder}}", "Content-Type", "application/apply-patch+yaml")
	if got := c.must("GET", alpha+"/g", ""); !strings.Contains(got.Text, `"reference":"z"`) {
		t.Errorf("as v1alpha1: %s", got.Text)
	}
	c.must("POST", robots, robot("beside", ""))

	// All are stored in the one version that the storage names, whichever the client used.
	kept, err := server.Stored(t.Context(), "/registry/wardle.example.com/flunders/default/f")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(kept, `"apiVersion":"wardle.example.com/v1beta1"`) {
		t.Errorf("stored: %s", kept)
	}
}
