// Package namespaces serves namespaces through k8s.io/kubernetes/pkg/registry/core/namespace/storage, and makes them exist:
// objects of all types can be created in those that are there only, and go with theirs.
package namespaces

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/namespace/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	group := builtin.Resource(corev1.SchemeGroupVersion, "namespaces", newStorage)
	group.Resource.Configure = configure
	return group
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	resource, status, finalize, err := storage.NewREST(o.RESTOptions)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": resource, "status": status, "finalize": finalize}, nil
}
