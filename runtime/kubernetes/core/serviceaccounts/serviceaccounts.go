// Package serviceaccounts serves service accounts through k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage.
package serviceaccounts

import (
	corev1 "k8s.io/api/core/v1"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go. There is no serviceaccounts/token: tokens
// need a server that knows who bears them.
func Resource() apiserver.Group {
	return builtin.Resource(corev1.SchemeGroupVersion, "serviceaccounts", newStorage)
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewREST(o.RESTOptions, nil, nil, nil, 0, nil, nil, nil, nil, nil, false, 0)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made}, nil
}
