// Package leases serves leases through k8s.io/kubernetes/pkg/registry/coordination/lease/storage.
package leases

import (
	coordinationv1 "k8s.io/api/coordination/v1"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	"k8s.io/kubernetes/pkg/registry/coordination/lease/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(coordinationv1.SchemeGroupVersion, "leases", storage.NewREST)
}
