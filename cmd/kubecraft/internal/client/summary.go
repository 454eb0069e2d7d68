package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Summary is what a server says in a few lines of what there is and what is done (runtime/kubernetes/summary.go).
type Summary struct {
	Nodes struct {
		Total int `json:"total"`
		Ready int `json:"ready"`
	} `json:"nodes"`
	// Pods are how many there are of each phase, Terminating among them.
	Pods        map[string]int `json:"pods"`
	Unscheduled int            `json:"unscheduled"`
	// Scheduler and Queues are how much waits in each queue.
	Scheduler map[string]float64 `json:"scheduler"`
	Queues    map[string]float64 `json:"queues"`
	// Attempts to schedule pods, by result, and Requests are since the start.
	Attempts map[string]float64 `json:"attempts"`
	Requests struct {
		Read  float64 `json:"read"`
		Write float64 `json:"write"`
	} `json:"requests"`
}

// Summary asks for it.
func (c *Client) Summary(ctx context.Context) (*Summary, error) {
	s := &Summary{}
	err := c.do(ctx, http.MethodGet, "/kubecraft/summary", asJSON, "", nil, s)
	if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusNotFound {
		return nil, fmt.Errorf("%s tells nothing of nodes and pods: it does not serve the whole built-in API (kubecraft add builtin --all)", c.server)
	}
	return s, err
}
