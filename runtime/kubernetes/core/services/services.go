// Package services serves services through k8s.io/kubernetes/pkg/registry/core/service/storage, with cluster IPs and node
// ports that it gives out itself.
package services

import (
	corev1 "k8s.io/api/core/v1"
	api "k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go. Addresses are from 10.96.0.0/12, node
// ports from 30000-32767. There is no services/proxy, and no service "kubernetes".
func Resource() apiserver.Group {
	group := builtin.Resource(corev1.SchemeGroupVersion, "services", newStorage)
	group.Resource.StoredIn = "services/specs"
	return group
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	given, err := newGiven()
	if err != nil {
		return nil, err
	}
	resource, status, _, err := storage.NewREST(o.RESTOptions, api.IPv4Protocol,
		map[api.IPFamily]ipallocator.Interface{api.IPv4Protocol: addresses{given.addresses, given}}, ports{given.ports, given}, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	given.services = resource
	return builtin.Storage{"": resource, "status": status}, nil
}
