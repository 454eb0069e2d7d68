package batch

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Task is internal.
type Task struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   TaskSpec
	Status TaskStatus
}

// Mode is an enumeration.
type Mode string

// TaskSpec is internal.
type TaskSpec struct {
	Replicas *int32
	Mode     Mode
	Size     resource.Quantity
	Limits   map[string]resource.Quantity
	Port     intstr.IntOrString
	Selector *metav1.LabelSelector
	Raw      runtime.RawExtension
	Steps    []Step
	Matrix   map[string][]Step
	Nested   map[string]*Step
	Blob     []byte
	Deadline *metav1.Time
	Ratio    float64
	Old      string
}

// Step is internal.
type Step struct {
	Name    string
	Command []string
	Next    *Step
}

// TaskStatus is internal.
type TaskStatus struct {
	Conditions []metav1.Condition
	Took       metav1.Duration
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// TaskList is internal.
type TaskList struct {
	metav1.TypeMeta
	metav1.ListMeta
	Items []Task
}
