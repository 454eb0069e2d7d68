// Package priorityclasses serves priorityclasses through k8s.io/kubernetes/pkg/registry/scheduling/priorityclass/storage.
package priorityclasses

import (
	schedulingv1 "k8s.io/api/scheduling/v1"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go.
func Resource() apiserver.Group {
	return builtin.Alone(schedulingv1.SchemeGroupVersion, "priorityclasses", storage.NewREST)
}
