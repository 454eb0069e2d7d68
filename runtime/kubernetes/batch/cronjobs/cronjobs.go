// Package cronjobs serves cronjobs through k8s.io/kubernetes/pkg/registry/batch/cronjob/storage.
package cronjobs

import (
	batchv1 "k8s.io/api/batch/v1"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.WithStatus(batchv1.SchemeGroupVersion, "cronjobs", storage.NewREST)
}
