package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Decision is an attempt to schedule a pod, as a scheduler of kubecraft's serves it (runtime/scheduler/decision/v1).
type Decision struct {
	PodUID        string      `json:"podUID"`
	Scheduler     string      `json:"scheduler"`
	Attempt       int         `json:"attempt"`
	Result        string      `json:"result"`
	Node          string      `json:"node,omitempty"`
	NominatedNode string      `json:"nominatedNode,omitempty"`
	Preemption    *Preemption `json:"preemption,omitempty"`
	Message       string      `json:"message,omitempty"`
	StartTime     string      `json:"startTime"`
	Microseconds  int64       `json:"microseconds"`
	First         *First      `json:"first,omitempty"`
	Evaluated     int         `json:"evaluated"`
	Feasible      int         `json:"feasible"`
	Rejections    []Rejection `json:"rejections,omitempty"`
	Candidates    []Candidate `json:"candidates,omitempty"`
}

// First is the node that was looked at before all others.
type First struct {
	Node   string `json:"node"`
	Reason string `json:"reason"`
}

// Preemption is what came of making room for a pod.
type Preemption struct {
	Victims []string `json:"victims,omitempty"`
	Message string   `json:"message,omitempty"`
}

// Rejection is why nodes would not do.
type Rejection struct {
	Plugin string   `json:"plugin"`
	Reason string   `json:"reason"`
	Count  int      `json:"count"`
	Nodes  []string `json:"nodes,omitempty"`
}

// Candidate is a node that would do.
type Candidate struct {
	Node   string  `json:"node"`
	Total  int64   `json:"total"`
	Scores []Score `json:"scores,omitempty"`
}

// Score is what a plugin makes of a node.
type Score struct {
	Plugin   string `json:"plugin"`
	Raw      int64  `json:"raw"`
	Weighted int64  `json:"weighted"`
}

// SchedulingGates returns the names of a pod's scheduling gates: as long as it has any, no scheduler looks at it.
func (c *Client) SchedulingGates(ctx context.Context, namespace, pod string) ([]string, error) {
	var found struct {
		Spec struct{ SchedulingGates []struct{ Name string } }
	}
	err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/v1/namespaces/%s/pods/%s", url.PathEscape(namespace), url.PathEscape(pod)), asJSON, "", nil, &found)
	if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusNotFound {
		return nil, nil
	}
	var names []string
	for _, gate := range found.Spec.SchedulingGates {
		names = append(names, gate.Name)
	}
	return names, err
}

// ErrNoDecisions says that a server does not tell how its scheduler decides.
var ErrNoDecisions = errors.New("the server does not tell how pods are scheduled")

// Decisions returns the attempts to schedule a pod that the server has kept, the first one first.
func (c *Client) Decisions(ctx context.Context, namespace, pod string) ([]Decision, error) {
	path := fmt.Sprintf("/apis/scheduling.kubecraft.io/v1/namespaces/%s/schedulingdecisions?fieldSelector=%s",
		url.PathEscape(namespace), url.QueryEscape("pod="+pod))
	var list struct{ Items []Decision }
	err := c.do(ctx, http.MethodGet, path, asJSON, "", nil, &list)
	if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusNotFound {
		return nil, ErrNoDecisions
	}
	return list.Items, err
}
