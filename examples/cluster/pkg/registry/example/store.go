// Package example holds the storage of the API group example: one per kind, shared by all versions.
package example

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"example.com/demo/pkg/apis/example"
	barstorage "example.com/demo/pkg/registry/example/bar"
	foostorage "example.com/demo/pkg/registry/example/foo"
)

// NewRESTStorage returns what the server serves for this group: by version, the storage of each resource.
func NewRESTStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	info := genericapiserver.NewDefaultAPIGroupInfo(example.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))

	foos, err := foostorage.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}
	bars, err := barstorage.NewStorage(scheme, getter)
	if err != nil {
		return info, err
	}

	info.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{
		"foos":        foos.Foo,
		"foos/status": foos.Status,

		"bars":         bars.Bar,
		"bars/status":  bars.Status,
		"bars/scale":   bars.Scale,
		"bars/approve": barstorage.NewApproveREST(scheme, bars.Bar),
	}
	info.VersionedResourcesStorageMap["v2"] = map[string]rest.Storage{
		"bars":         bars.Bar,
		"bars/status":  bars.Status,
		"bars/scale":   bars.Scale,
		"bars/approve": barstorage.NewApproveREST(scheme, bars.Bar),
	}
	return info, nil
}
