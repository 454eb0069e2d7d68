package v1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"example.com/demo/pkg/apis/batch"
)

// +genclient
// +genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale
// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// Task is external.
//
// It has a second paragraph, with "quotes" and `ticks`.
type Task struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty" protobuf:"bytes,1,opt,name=metadata"`

	Spec   TaskSpec   `json:"spec"`
	Status TaskStatus `json:"status,omitempty"`
}

// Mode is an enumeration.
// +enum
type Mode string

const (
	// ModeOnce runs it once.
	ModeOnce Mode = "Once"
	// ModeAlways runs it again.
	ModeAlways Mode = "Always"
)

// TaskSpec is external.
type TaskSpec struct {
	// +optional
	// +default=3
	Replicas *int32 `json:"replicas,omitempty"`
	// +default=ref(ModeOnce)
	Mode Mode `json:"mode,omitempty"`
	// Size of it.
	Size   resource.Quantity            `json:"size"`
	Limits map[string]resource.Quantity `json:"limits,omitempty"`
	Port   intstr.IntOrString           `json:"port,omitempty"`
	// +mapType=atomic
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
	Raw      runtime.RawExtension  `json:"raw,omitempty"`
	// +listType=map
	// +listMapKey=name
	// +patchMergeKey=name
	// +patchStrategy=merge
	Steps    []Step            `json:"steps,omitempty" patchStrategy:"merge" patchMergeKey:"name"`
	Matrix   map[string][]Step `json:"matrix,omitempty"`
	Nested   map[string]*Step  `json:"nested,omitempty"`
	Blob     []byte            `json:"blob,omitempty"`
	Deadline *metav1.Time      `json:"deadline,omitempty"`
	// +k8s:maximum=1
	Ratio float64 `json:"ratio,omitempty"`
	// +k8s:conversion-gen=false
	New string `json:"New,omitempty"`
}

// Step is external.
type Step struct {
	// +required
	Name string `json:"name"`
	// +listType=atomic
	Command []string `json:"command,omitempty"`
	Next    *Step    `json:"next,omitempty"`
}

// TaskStatus is external.
type TaskStatus struct {
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	Took       metav1.Duration    `json:"took,omitempty"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// TaskList is external.
type TaskList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Task `json:"items"`
}

// SetDefaults_TaskSpec sets one.
func SetDefaults_TaskSpec(in *TaskSpec) {
	if in.Ratio == 0 {
		in.Ratio = 1
	}
}

// Convert_batch_TaskSpec_To_v1_TaskSpec carries Old over.
func Convert_batch_TaskSpec_To_v1_TaskSpec(in *batch.TaskSpec, out *TaskSpec, s conversion.Scope) error {
	out.New = in.Old
	return autoConvert_batch_TaskSpec_To_v1_TaskSpec(in, out, s)
}
