package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +genclient:nonNamespaced
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Fischer lists flunders that may not exist.
type Fischer struct {
	metav1.TypeMeta `json:""`
	// metadata is standard object metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// disallowedFlunders are the names of flunders that may not exist.
	// +optional
	// +listType=atomic
	DisallowedFlunders []string `json:"disallowedFlunders,omitempty"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// FischerList is a list of Fischer objects.
type FischerList struct {
	metav1.TypeMeta `json:""`
	// metadata is standard list metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the Fischer objects.
	Items []Fischer `json:"items"`
}
