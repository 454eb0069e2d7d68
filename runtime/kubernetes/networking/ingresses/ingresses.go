// Package ingresses serves ingresses through k8s.io/kubernetes/pkg/registry/networking/ingress/storage.
package ingresses

import (
	networkingv1 "k8s.io/api/networking/v1"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	"k8s.io/kubernetes/pkg/registry/networking/ingress/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	group := builtin.WithStatus(networkingv1.SchemeGroupVersion, "ingresses", storage.NewREST)
	group.Resource.StoredIn = "ingress"
	return group
}
