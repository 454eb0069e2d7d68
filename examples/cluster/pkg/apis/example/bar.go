package example

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Bar is described in the versions of this group; here it has the fields of all of them.
type Bar struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	Spec   BarSpec
	Status BarStatus
}

// BarSpec is the desired state of a Bar.
type BarSpec struct {
	Replicas    *int32
	Description string
}

// BarStatus is the observed state of a Bar.
type BarStatus struct {
	ObservedGeneration int64
	Replicas           int32
	Selector           string
	Phase              string

	Conditions []metav1.Condition
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// BarList is a list of Bar objects.
type BarList struct {
	metav1.TypeMeta
	metav1.ListMeta

	Items []Bar
}
