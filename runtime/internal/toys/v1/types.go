// Package v1 is the external version of the toys.
package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubecraft/kubecraft/runtime/internal/toys"
)

// SchemeGroupVersion is the version.
var SchemeGroupVersion = schema.GroupVersion{Group: toys.GroupName, Version: "v1"}

// Robot is the external form.
type Robot struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              RobotSpec   `json:"spec,omitempty"`
	Status            RobotStatus `json:"status,omitempty"`
}

// RobotSpec is what is asked for.
type RobotSpec struct {
	Model    string `json:"model,omitempty"`
	Replicas *int32 `json:"replicas,omitempty"`
}

// RobotStatus is what there is.
type RobotStatus struct {
	Phase    string `json:"phase,omitempty"`
	Replicas int32  `json:"replicas,omitempty"`
}

// RobotList is a list.
type RobotList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Robot `json:"items"`
}

// DeepCopyObject implements runtime.Object.
func (r *Robot) DeepCopyObject() runtime.Object {
	c := *r
	c.ObjectMeta = *r.ObjectMeta.DeepCopy()
	if r.Spec.Replicas != nil {
		n := *r.Spec.Replicas
		c.Spec.Replicas = &n
	}
	return &c
}

// DeepCopyObject implements runtime.Object.
func (l *RobotList) DeepCopyObject() runtime.Object {
	c := *l
	c.ListMeta = *l.ListMeta.DeepCopy()
	c.Items = make([]Robot, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopyObject().(*Robot)
	}
	return &c
}
