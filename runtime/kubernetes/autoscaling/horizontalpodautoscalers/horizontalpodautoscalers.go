// Package horizontalpodautoscalers serves horizontal pod autoscalers through
// k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler/storage.
package horizontalpodautoscalers

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler/storage"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/builtin"
)

// Resource is the resource, for the groups in a project's pkg/apiserver/install.go, in both of its versions.
func Resource() apiserver.Group {
	group := builtin.WithStatus(autoscalingv2.SchemeGroupVersion, "horizontalpodautoscalers", storage.NewREST)
	group.Resource.Versions = append(group.Resource.Versions, autoscalingv1.SchemeGroupVersion)
	return group
}
