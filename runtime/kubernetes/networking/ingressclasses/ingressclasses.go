// Package ingressclasses serves ingressclasses through k8s.io/kubernetes/pkg/registry/networking/ingressclass/storage.
package ingressclasses

import (
	networkingv1 "k8s.io/api/networking/v1"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(networkingv1.SchemeGroupVersion, "ingressclasses", storage.NewREST)
}
