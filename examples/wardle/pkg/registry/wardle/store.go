// Package wardle holds the storage of the API group wardle.example.com: one per kind, shared by all versions.
package wardle

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"example.com/wardle/pkg/apis/wardle"
	fischerstorage "example.com/wardle/pkg/registry/wardle/fischer"
	flunderstorage "example.com/wardle/pkg/registry/wardle/flunder"
)

// NewRESTStorage returns what the server serves for this group: by version, the storage of each resource.
func NewRESTStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	info := genericapiserver.NewDefaultAPIGroupInfo(wardle.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))

	flunders, err := flunderstorage.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}
	fischers, err := fischerstorage.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}

	info.VersionedResourcesStorageMap["v1alpha1"] = map[string]rest.Storage{
		"flunders":        flunders.Flunder,
		"flunders/status": flunders.Status,

		"fischers": fischers.Fischer,
	}
	info.VersionedResourcesStorageMap["v1beta1"] = map[string]rest.Storage{
		"flunders":        flunders.Flunder,
		"flunders/status": flunders.Status,
	}
	return info, nil
}
