// Package volumeattributesclasses serves volumeattributesclasses through k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass/storage.
package volumeattributesclasses

import (
	storagev1 "k8s.io/api/storage/v1"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(storagev1.SchemeGroupVersion, "volumeattributesclasses", storage.NewREST)
}
