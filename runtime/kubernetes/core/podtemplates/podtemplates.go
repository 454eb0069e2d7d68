// Package podtemplates serves podtemplates through k8s.io/kubernetes/pkg/registry/core/podtemplate/storage.
package podtemplates

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(corev1.SchemeGroupVersion, "podtemplates", storage.NewREST)
}
