package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Result is how an attempt to schedule a pod has ended.
type Result string

const (
	// Scheduled is a pod that a node was chosen for.
	Scheduled Result = "Scheduled"
	// Unschedulable is one that fits on no node. It is tried again when something changes.
	Unschedulable Result = "Unschedulable"
	// Failed is an attempt that an error has ended.
	Failed Result = "Failed"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SchedulingDecision is one attempt of a scheduler's to find a node for a pod: which nodes it looked at, why it passed them over,
// how it scored the others. It is of the pod's namespace, and is named by the pod and the attempt. The last some thousands are kept, in
// memory.
type SchedulingDecision struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Pod is the pod's name, PodUID its UID.
	Pod    string    `json:"pod"`
	PodUID types.UID `json:"podUID"`
	// Scheduler is the name of the profile.
	Scheduler string `json:"scheduler"`
	// Attempt counts from 1.
	Attempt int32  `json:"attempt"`
	Result  Result `json:"result"`
	// Node is the one chosen.
	Node string `json:"node,omitempty"`
	// NominatedNode is where pods that matter less are made to leave for this one.
	NominatedNode string `json:"nominatedNode,omitempty"`
	// Message says why there was none.
	Message string `json:"message,omitempty"`
	// StartTime is when the attempt began, Microseconds how long it took until a node was chosen or given up.
	StartTime    metav1.MicroTime `json:"startTime"`
	Microseconds int64            `json:"microseconds"`
	// Evaluated is how many nodes were looked at: a scheduler stops when it has enough. Feasible is how many of them would do.
	Evaluated int32 `json:"evaluated"`
	Feasible  int32 `json:"feasible"`
	// Rejections say why nodes would not do.
	// +listType=atomic
	Rejections []Rejection `json:"rejections,omitempty"`
	// Candidates are the best of the nodes that would do, the best first, and the one chosen. They have no scores if there was one alone.
	// +listType=atomic
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Rejection is a reason that nodes would not do for.
type Rejection struct {
	// Plugin is the one that said so.
	Plugin string `json:"plugin"`
	// Reason is what it said.
	Reason string `json:"reason"`
	// Count is how many nodes it said it of, Nodes the names of the first hundred.
	Count int32 `json:"count"`
	// +listType=atomic
	Nodes []string `json:"nodes,omitempty"`
}

// Candidate is a node that would do.
type Candidate struct {
	Node string `json:"node"`
	// Total is what the scheduler compares nodes by. Of several with the highest it takes any.
	Total int64 `json:"total"`
	// +listType=atomic
	Scores []Score `json:"scores,omitempty"`
}

// Score is what a plugin, or an extender, makes of a node.
type Score struct {
	Plugin string `json:"plugin"`
	// Raw is the plugin's own figure. Weighted is what of it is in the total: brought to 0 to 100, times the plugin's weight.
	Raw      int64 `json:"raw"`
	Weighted int64 `json:"weighted"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SchedulingDecisionList is a list of SchedulingDecision.
type SchedulingDecisionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []SchedulingDecision `json:"items"`
}
