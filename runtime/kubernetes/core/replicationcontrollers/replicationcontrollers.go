// Package replicationcontrollers serves replicationcontrollers through k8s.io/kubernetes/pkg/registry/core/replicationcontroller/storage.
package replicationcontrollers

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	group := builtin.Resource(corev1.SchemeGroupVersion, "replicationcontrollers", newStorage)
	group.Resource.StoredIn = "controllers"
	return group
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewStorage(o.RESTOptions)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made.Controller, "status": made.Status, "scale": made.Scale}, nil
}
