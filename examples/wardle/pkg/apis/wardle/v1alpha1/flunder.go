package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Reference",type=string,JSONPath=`.spec.reference`

// Flunder may refer to another flunder or to a fischer.
// +k8s:supportsSubresource="/status"
type Flunder struct {
	metav1.TypeMeta `json:""`
	// metadata is standard object metadata.
	// +optional
	// +k8s:opaqueType
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

// FlunderSpec is the desired state of a Flunder.
type FlunderSpec struct {
	// reference is the name of another flunder or of a fischer, as the reference type says.
	// +optional
	Reference string `json:"reference,omitempty"`
	// referenceType is Flunder if there is a reference and it is not set.
	// +optional
	ReferenceType *ReferenceType `json:"referenceType,omitempty"`
}

// FlunderStatus is the observed state of a Flunder.
type FlunderStatus struct {
	// observedGeneration is the metadata.generation that this status is about. A lower one than the current says that
	// the latest change of the spec has not been seen yet.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// phase says in a word how far the Flunder is.
	// +optional
	Phase string `json:"phase,omitempty"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FlunderList is a list of Flunder objects.
type FlunderList struct {
	metav1.TypeMeta `json:""`
	// metadata is standard list metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the Flunder objects.
	Items []Flunder `json:"items"`
}
