// Package controllerrevisions serves controllerrevisions through k8s.io/kubernetes/pkg/registry/apps/controllerrevision/storage.
package controllerrevisions

import (
	appsv1 "k8s.io/api/apps/v1"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(appsv1.SchemeGroupVersion, "controllerrevisions", storage.NewREST)
}
