// Package rolebindings serves rolebindings through k8s.io/kubernetes/pkg/registry/rbac/rolebinding/storage.
package rolebindings

import (
	rbacv1 "k8s.io/api/rbac/v1"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(rbacv1.SchemeGroupVersion, "rolebindings", storage.NewREST)
}
