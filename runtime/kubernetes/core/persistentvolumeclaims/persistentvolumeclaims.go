// Package persistentvolumeclaims serves persistentvolumeclaims through k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim/storage.
package persistentvolumeclaims

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.WithStatus(corev1.SchemeGroupVersion, "persistentvolumeclaims", storage.NewREST)
}
