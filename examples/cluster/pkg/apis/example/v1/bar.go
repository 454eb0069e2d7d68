package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +genclient
// +genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale
// +genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.spec.replicas`
// +kubebuilder:printcolumn:name="Current",type=integer,JSONPath=`.status.replicas`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Description",type=string,JSONPath=`.spec.description`,priority=1
// +kubebuilder:printcolumn:name="Generation",type=integer,JSONPath=`.metadata.generation`,description="the field at .metadata.generation",priority=1

// Bar is an example of a type: its fields are there to be replaced.
// +k8s:supportsSubresource="/status"
// +k8s:supportsSubresource="/scale"
// +k8s:supportsSubresource="/approve"
type Bar struct {
	metav1.TypeMeta `json:""`
	// metadata is standard object metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the Bar.
	// +optional
	Spec BarSpec `json:"spec,omitempty"`
	// status is the observed state of the Bar. It is written through the status subresource only.
	// +optional
	Status BarStatus `json:"status,omitempty"`
}

// BarSpec is the desired state of a Bar.
type BarSpec struct {
	// replicas is how many of what the Bar stands for there should be.
	// +optional
	// +default=1
	Replicas *int32 `json:"replicas,omitempty"`
	// description says in a few words what this Bar is for.
	// +optional
	Description string `json:"description,omitempty"`
}

// BarStatus is the observed state of a Bar.
type BarStatus struct {
	// observedGeneration is the metadata.generation that this status is about. A lower one than the current says that
	// the latest change of the spec has not been seen yet.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// replicas is how many there are.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`
	// selector is the label selector, in its string form, of what is counted in replicas.
	// +optional
	Selector string `json:"selector,omitempty"`
	// phase says in a word how far the Bar is.
	// +optional
	Phase string `json:"phase,omitempty"`
	// conditions say what controllers have found about this Bar, one for each type of condition.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +k8s:eachVal=+k8s:opaqueType
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// BarList is a list of Bar objects.
type BarList struct {
	metav1.TypeMeta `json:""`
	// metadata is standard list metadata.
	// +optional
	// +k8s:opaqueType
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the Bar objects.
	Items []Bar `json:"items"`
}
