// Package jobs serves jobs through k8s.io/kubernetes/pkg/registry/batch/job/storage.
package jobs

import (
	batchv1 "k8s.io/api/batch/v1"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	"k8s.io/kubernetes/pkg/registry/batch/job/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.WithStatus(batchv1.SchemeGroupVersion, "jobs", storage.NewREST)
}
