// Package volumeattachments serves volumeattachments through k8s.io/kubernetes/pkg/registry/storage/volumeattachment/storage.
package volumeattachments

import (
	storagev1 "k8s.io/api/storage/v1"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Resource(storagev1.SchemeGroupVersion, "volumeattachments", newStorage)
}

func newStorage(o apiserver.ResourceOptions) (builtin.Storage, error) {
	made, err := storage.NewStorage(o.RESTOptions)
	if err != nil {
		return nil, err
	}
	return builtin.Storage{"": made.VolumeAttachment, "status": made.Status}, nil
}
