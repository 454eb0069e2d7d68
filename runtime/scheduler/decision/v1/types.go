package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Result is how an attempt to schedule a pod has ended.
type Result string

const (
	// Scheduled is a pod that a node was chosen for. It becomes one of the others if the pod does not come to the node: a plugin does not
	// permit it, or it cannot be bound.
	Scheduled Result = "Scheduled"
	// Unschedulable is one that fits on no node, or that a plugin has turned down. It is tried again when something changes.
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
	// Node is the one chosen. If the result is not Scheduled, the pod has not come to it.
	Node string `json:"node,omitempty"`
	// NominatedNode is where pods that matter less are made to leave for this one.
	NominatedNode string `json:"nominatedNode,omitempty"`
	// Preemption is what came of making room, which is tried when no node would do.
	Preemption *Preemption `json:"preemption,omitempty"`
	// Message says why the pod has come to none.
	Message string `json:"message,omitempty"`
	// StartTime is when the attempt began, Microseconds how long it took until a node was chosen or given up.
	StartTime    metav1.MicroTime `json:"startTime"`
	Microseconds int64            `json:"microseconds"`
	// First is the node that was looked at before all others. If it would do, it was taken, and no other was looked at.
	First *First `json:"first,omitempty"`
	// Evaluated is how many nodes were looked at one by one: a scheduler stops when it has enough. Feasible is how many of them would do.
	Evaluated int32 `json:"evaluated"`
	Feasible  int32 `json:"feasible"`
	// Rejections say why nodes would not do. Those of a plugin's PreFilter are of nodes that were not looked at one by one.
	// +listType=atomic
	Rejections []Rejection `json:"rejections,omitempty"`
	// Candidates are the best of the nodes that would do, the best first, and the one chosen. They have no scores if there was one alone.
	// +listType=atomic
	Candidates []Candidate `json:"candidates,omitempty"`
}

// FirstReason is why a node is looked at before all others.
type FirstReason string

const (
	// Nominated is a node that the pod's status.nominatedNodeName names: an earlier attempt has made room on it, or somebody has named it.
	Nominated FirstReason = "Nominated"
	// Hinted is the best of the nodes that were scored for a pod alike just before, as upstream's feature OpportunisticBatching has it.
	Hinted FirstReason = "Hinted"
)

// First is a node that is looked at before all others.
type First struct {
	Node   string      `json:"node"`
	Reason FirstReason `json:"reason"`
}

// Preemption is what came of making room for a pod.
type Preemption struct {
	// Victims are the pods that were made to leave, NAMESPACE/NAME. They are noted as they go, which may be after the attempt has ended.
	// +listType=atomic
	Victims []string `json:"victims,omitempty"`
	// Message is what the plugin says of it.
	Message string `json:"message,omitempty"`
}

// Rejection is a reason that nodes would not do for.
type Rejection struct {
	// Plugin is the one that said so: the URL of an extender, or several plugins, if only all of them together leave the nodes out.
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
