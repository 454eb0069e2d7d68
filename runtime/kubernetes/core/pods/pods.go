// Package pods serves pods through k8s.io/kubernetes/pkg/registry/core/pod/storage.
package pods

import (
	corev1 "k8s.io/api/core/v1"
	policyclient "k8s.io/client-go/kubernetes/typed/policy/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install" // of evictions
	"k8s.io/kubernetes/pkg/registry/core/pod/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go. What would ask a kubelet is not there:
// pods/log, exec, attach, portforward and proxy.
func Resource() apiserver.Group {
	return builtin.Resource(corev1.SchemeGroupVersion, "pods", newStorage)
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	budgets, err := policyclient.NewForConfig(o.Loopback)
	if err != nil {
		return nil, err
	}
	made, err := storage.NewStorage(o.RESTOptions, nil, nil, ifServed{budgets}, nil)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{
		"": made.Pod, "status": made.Status, "binding": made.Binding, "eviction": made.Eviction,
		"ephemeralcontainers": made.EphemeralContainers, "resize": made.Resize,
	}, nil
}
