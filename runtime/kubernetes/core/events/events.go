// Package events serves events through k8s.io/kubernetes/pkg/registry/core/event/storage.
package events

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	"k8s.io/kubernetes/pkg/registry/core/event/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// lifetime is the default of kube-apiserver's --event-ttl.
const lifetime = time.Hour

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go: in both of the groups that have it, and
// as in kube-apiserver without a watch cache.
func Resource() apiserver.Group {
	group := builtin.Resource(corev1.SchemeGroupVersion, "events", newStorage)
	group.Resource.Versions = append(group.Resource.Versions, eventsv1.SchemeGroupVersion)
	group.Resource.Uncached = true
	return group
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewREST(o.RESTOptions, uint64(lifetime.Seconds()))
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made}, nil
}
