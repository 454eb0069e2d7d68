// Package replicasets serves replicasets through k8s.io/kubernetes/pkg/registry/apps/replicaset/storage.
package replicasets

import (
	appsv1 "k8s.io/api/apps/v1"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Resource(appsv1.SchemeGroupVersion, "replicasets", newStorage)
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewStorage(o.RESTOptions)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made.ReplicaSet, "status": made.Status, "scale": made.Scale}, nil
}
