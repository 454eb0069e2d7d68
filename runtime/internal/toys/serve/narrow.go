package serve

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
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

// Unconverted returns a part that knows both forms of robots and not how to turn one into the other, and serves none.
func Unconverted() controlplane.Part { return unconverted{} }

type unconverted struct{}

// Apply implements controlplane.Part.
func (unconverted) Apply(c *controlplane.Config) error {
	c.Groups = append(c.Groups, apiserver.Group{Install: func(scheme *runtime.Scheme) {
		scheme.AddKnownTypes(schema.GroupVersion{Group: toys.GroupName, Version: runtime.APIVersionInternal}, &toys.Robot{})
		scheme.AddKnownTypes(toysv1.SchemeGroupVersion, &toysv1.Robot{})
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
