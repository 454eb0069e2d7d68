// Package nodes serves nodes through k8s.io/kubernetes/pkg/registry/core/node/storage.
package nodes

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/kubelet/client"
	"k8s.io/kubernetes/pkg/registry/core/node/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go. There is no nodes/proxy: it would ask
// kubelets.
func Resource() apiserver.Group {
	group := builtin.Resource(corev1.SchemeGroupVersion, "nodes", newStorage)
	group.Resource.StoredIn = "minions"
	return group
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewStorage(o.RESTOptions, client.KubeletClientConfig{}, nil)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made.Node, "status": made.Status}, nil
}
