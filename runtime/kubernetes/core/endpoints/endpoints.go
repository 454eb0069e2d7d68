// Package endpoints serves endpoints through k8s.io/kubernetes/pkg/registry/core/endpoint/storage.
package endpoints

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/endpoint/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	group := builtin.Alone(corev1.SchemeGroupVersion, "endpoints", storage.NewREST)
	group.Resource.StoredIn = "services/endpoints"
	return group
}
