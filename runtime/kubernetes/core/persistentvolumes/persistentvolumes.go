// Package persistentvolumes serves persistentvolumes through k8s.io/kubernetes/pkg/registry/core/persistentvolume/storage.
package persistentvolumes

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.WithStatus(corev1.SchemeGroupVersion, "persistentvolumes", storage.NewREST)
}
