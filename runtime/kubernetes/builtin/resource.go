package builtin

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// Storage is what serves a resource, under "", and its subresources, under their names.
type Storage map[string]rest.Storage

// Resource serves what newStorage makes as the resource of that name in a version, which upstream's scheme must know:
// import the install package of its group.
func Resource(version schema.GroupVersion, name string, newStorage func(apiserver.ResourceOptions) (Storage, error)) apiserver.Group {
	return apiserver.Group{Resource: &apiserver.Resource{
		Name:     name,
		Versions: []schema.GroupVersion{version},
		Types: apiserver.Types{
			Scheme:         legacyscheme.Scheme,
			ParameterCodec: legacyscheme.ParameterCodec,
			OpenAPI:        openapi.GetOpenAPIDefinitions,
		},
		NewStorage: func(o apiserver.ResourceOptions) (map[string]rest.Storage, error) {
			// Pods may be privileged, as in the whole built-in API. Upstream keeps that in the process.
			capabilities.Setup(true, 0)
			made, err := newStorage(o)
			if err != nil {
				return nil, err
			}
			storage := map[string]rest.Storage{}
			for path, s := range made {
				if path != "" {
					path = "/" + path
				}
				storage[name+path] = s
			}
			return storage, nil
		},
	}}
}

// Alone is Resource for a constructor that makes the resource alone.
func Alone[R rest.Storage](version schema.GroupVersion, name string, newREST func(generic.RESTOptionsGetter) (R, error)) apiserver.Group {
	return Resource(version, name, func(o apiserver.ResourceOptions) (Storage, error) {
		resource, err := newREST(o.RESTOptions)
		return Storage{"": resource}, err
	})
}

// WithStatus is Resource for a constructor that makes the resource and its status.
func WithStatus[R, S rest.Storage](version schema.GroupVersion, name string, newREST func(generic.RESTOptionsGetter) (R, S, error)) apiserver.Group {
	return Resource(version, name, func(o apiserver.ResourceOptions) (Storage, error) {
		resource, status, err := newREST(o.RESTOptions)
		return Storage{"": resource, "status": status}, err
	})
}
