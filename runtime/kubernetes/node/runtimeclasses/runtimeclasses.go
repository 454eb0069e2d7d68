// Package runtimeclasses serves runtimeclasses through k8s.io/kubernetes/pkg/registry/node/runtimeclass/storage.
package runtimeclasses

import (
	nodev1 "k8s.io/api/node/v1"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(nodev1.SchemeGroupVersion, "runtimeclasses", storage.NewREST)
}
