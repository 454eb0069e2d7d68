// Package poddisruptionbudgets serves poddisruptionbudgets through k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget/storage.
package poddisruptionbudgets

import (
	policyv1 "k8s.io/api/policy/v1"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.WithStatus(policyv1.SchemeGroupVersion, "poddisruptionbudgets", storage.NewREST)
}
