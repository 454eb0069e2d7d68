// Package endpointslices serves endpointslices through k8s.io/kubernetes/pkg/registry/discovery/endpointslice/storage.
package endpointslices

import (
	discoveryv1 "k8s.io/api/discovery/v1"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(discoveryv1.SchemeGroupVersion, "endpointslices", storage.NewREST)
}
