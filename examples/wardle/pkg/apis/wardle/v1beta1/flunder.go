package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Flunder",type=string,JSONPath=`.spec.flunderReference`
// +kubebuilder:printcolumn:name="Fischer",type=string,JSONPath=`.spec.fischerReference`

// Flunder may refer to another flunder or to a fischer.
// +k8s:supportsSubresource="/status"
type Flunder struct {
	metav1.TypeMeta `json:""`
	// metadata is standard object metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the Flunder.
	// +optional
	Spec FlunderSpec `json:"spec,omitempty"`
	// status is the observed state of the Flunder. It is written through the status subresource only.
	// +optional
	Status FlunderStatus `json:"status,omitempty"`
}

// ReferenceType says what a reference refers to.
type ReferenceType string

const (
	// FlunderReferenceType is a reference to a flunder.
	FlunderReferenceType ReferenceType = "Flunder"
	// FischerReferenceType is a reference to a fischer.
	FischerReferenceType ReferenceType = "Fischer"
)

// FlunderSpec is the desired state of a Flunder. At most one reference is set.
type FlunderSpec struct {
	// flunderReference is the name of another flunder. It excludes fischerReference.
	// +optional
	FlunderReference string `json:"flunderReference,omitempty"`
	// fischerReference is the name of a fischer. It excludes flunderReference.
	// +optional
	FischerReference string `json:"fischerReference,omitempty"`
	// referenceType says which reference is set.
	// +optional
	ReferenceType ReferenceType `json:"referenceType,omitempty"`
}

// FlunderStatus is the observed state of a Flunder.
type FlunderStatus struct {
	// observedGeneration is the metadata.generation that this status is about. A lower one than the current says that
	// the latest change of the spec has not been seen yet.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are the latest observations, one of each type. Type Ready sums them up.
	// +optional
	// +patchMergeKey=type
	// +patchStrategy=merge
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchStrategy:"merge" patchMergeKey:"type"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FlunderList is a list of Flunder objects.
type FlunderList struct {
	metav1.TypeMeta `json:""`
	// metadata is standard list metadata.
	// +optional
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the Flunder objects.
	Items []Flunder `json:"items"`
}
