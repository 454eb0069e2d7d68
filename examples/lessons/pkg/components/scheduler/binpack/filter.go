package binpack

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kube-scheduler/framework"

	"github.com/kubecraft/kubecraft/runtime/scheduler"
)

// FilterName is what config.yaml calls the filter.
const FilterName = "BinpackFilter"

// FilterArgs are the filter's arguments in config.yaml.
type FilterArgs struct {
	// Label is the key of the label that the pods of an application share.
	Label string `json:"label"`
	// MaxPods is how many pods of an application a node takes.
	MaxPods int `json:"maxPods"`
}

// filter says which nodes will not do: those that have as many pods of the application as they take.
type filter struct{ args FilterArgs }

var (
	_ framework.FilterPlugin      = &filter{}
	_ framework.EnqueueExtensions = &filter{}
)

func newFilter(_ context.Context, args runtime.Object, _ framework.Handle) (framework.Plugin, error) {
	f := &filter{}
	if err := scheduler.DecodeArgs(args, &f.args); err != nil {
		return nil, err
	}
	if f.args.Label == "" || f.args.MaxPods < 1 {
		return nil, errors.New("args: label must be the key of a label, and maxPods at least 1")
	}
	return f, nil
}

// Name implements framework.Plugin.
func (*filter) Name() string { return FilterName }

// Filter implements framework.FilterPlugin. It is asked about many nodes at once.
func (f *filter) Filter(_ context.Context, _ framework.CycleState, pod *corev1.Pod, node framework.NodeInfo) *framework.Status {
	app := pod.Labels[f.args.Label]
	if app == "" {
		return nil
	}
	count := 0
	for _, info := range node.GetPods() {
		if there := info.GetPod(); there.Namespace == pod.Namespace && there.Labels[f.args.Label] == app {
			count++
		}
	}
	if count < f.args.MaxPods {
		return nil
	}
	return framework.NewStatus(framework.Unschedulable, fmt.Sprintf("%d pods of the application are there already", count))
}

// EventsToRegister implements framework.EnqueueExtensions: a pod that found no node is tried again when one of these happens.
func (*filter) EventsToRegister(context.Context) ([]framework.ClusterEventWithHint, error) {
	return []framework.ClusterEventWithHint{
		{Event: framework.ClusterEvent{Resource: framework.AssignedPod, ActionType: framework.Delete | framework.UpdatePodLabel}},
		{Event: framework.ClusterEvent{Resource: framework.Node, ActionType: framework.Add}},
	}, nil
}
