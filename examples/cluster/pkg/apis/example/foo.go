package example

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Foo is described in the versions of this group; here it has the fields of all of them.
type Foo struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	Spec   FooSpec
	Status FooStatus
}

// FooSpec is the desired state of a Foo.
type FooSpec struct {
	Description string
}

// FooStatus is the observed state of a Foo.
type FooStatus struct {
	ObservedGeneration int64
	Phase              string
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FooList is a list of Foo objects.
type FooList struct {
	metav1.TypeMeta
	metav1.ListMeta

	Items []Foo
}
