// Package worker is a kubelet: it registers the node worker, and runs the containers of its pods as Go functions.
package worker

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubecraft/kubecraft/runtime/kubelet"
)

// Name is the node's, and that of its part: serve --without worker leaves it out.
const Name = "worker"

// taint keeps pods away that do not ask for the node: their images are not there.
const taint = "kubecraft.io/kubelet"

// Kubelet is the part that runs it.
func Kubelet() *kubelet.Own {
	return &kubelet.Own{
		PartName: Name,
		Runtime:  functions(images()),
		Taints:   []corev1.Taint{{Key: taint, Value: Name, Effect: corev1.TaintEffectNoSchedule}},
	}
}
