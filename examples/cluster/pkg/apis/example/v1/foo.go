package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Description",type=string,JSONPath=`.spec.description`,priority=1

// Foo is an example of a type: its fields are there to be replaced.
// +k8s:supportsSubresource="/status"
type Foo struct {
	metav1.TypeMeta `json:""`
	// metadata is standard object metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the Foo.
	// +optional
	Spec FooSpec `json:"spec,omitempty"`
	// status is the observed state of the Foo. It is written through the status subresource only.
	// +optional
	Status FooStatus `json:"status,omitempty"`
}

// FooSpec is the desired state of a Foo.
type FooSpec struct {
	// description says in a few words what this Foo is for.
	// +optional
	Description string `json:"description,omitempty"`
}

// FooStatus is the observed state of a Foo.
type FooStatus struct {
	// observedGeneration is the metadata.generation that this status is about. A lower one than the current says that
	// the latest change of the spec has not been seen yet.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// phase says in a word how far the Foo is.
	// +optional
	Phase string `json:"phase,omitempty"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FooList is a list of Foo objects.
type FooList struct {
	metav1.TypeMeta `json:""`
	// metadata is standard list metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the Foo objects.
	Items []Foo `json:"items"`
}
