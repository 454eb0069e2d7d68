package wardle

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Flunder is described in the versions of this group; here it has the fields of all of them.
type Flunder struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	Spec   FlunderSpec
	Status FlunderStatus
}

// ReferenceType says which of a spec's references is set.
type ReferenceType string

const (
	// FlunderReferenceType is a reference to a flunder.
	FlunderReferenceType ReferenceType = "Flunder"
	// FischerReferenceType is a reference to a fischer.
	FischerReferenceType ReferenceType = "Fischer"
)

// FlunderSpec is the desired state of a Flunder. At most one reference is set.
type FlunderSpec struct {
	FlunderReference string
	FischerReference string
	ReferenceType    ReferenceType
}

// FlunderStatus is the observed state of a Flunder.
type FlunderStatus struct {
	ObservedGeneration int64
	Phase              string
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FlunderList is a list of Flunder objects.
type FlunderList struct {
	metav1.TypeMeta
	metav1.ListMeta

	Items []Flunder
}
