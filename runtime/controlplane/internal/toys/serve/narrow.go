package serve

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	toysv1 "github.com/kubecraft/kubecraft/runtime/controlplane/internal/toys/v1"
)

// Narrow returns a part that knows robots without their fields, as after a change of the type, and serves none.
func Narrow() controlplane.Part { return narrow{} }

type narrow struct{}

// Apply implements controlplane.Part.
func (narrow) Apply(c *controlplane.Config) error {
	c.Groups = append(c.Groups, apiserver.Group{Install: func(scheme *runtime.Scheme) {
		scheme.AddKnownTypeWithName(toysv1.SchemeGroupVersion.WithKind("Robot"), &bare{})
		metav1.AddToGroupVersion(scheme, toysv1.SchemeGroupVersion)
	}})
	return nil
}

type bare struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Replicas int32 `json:"replicas"`
	} `json:"spec"`
	Status struct{} `json:"status"`
}

// DeepCopyObject implements runtime.Object.
func (b *bare) DeepCopyObject() runtime.Object {
	c := *b
	c.ObjectMeta = *b.ObjectMeta.DeepCopy()
	return &c
}
