// Package clusterrolebindings serves clusterrolebindings through k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding/storage.
package clusterrolebindings

import (
	rbacv1 "k8s.io/api/rbac/v1"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(rbacv1.SchemeGroupVersion, "clusterrolebindings", storage.NewREST)
}
