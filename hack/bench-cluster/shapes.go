package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/hack/bench"
)

// churnPriority is the class of pods that fit nowhere: admission sets priorities by classes alone.
const churnPriority = "churn"

// podMakers is how many pods are made at once, as in upstream's test.
const podMakers = 30

// shape is a test case of upstream's k8s.io/kubernetes/test/integration/scheduler_perf/misc/performance-config.yaml.
type shape struct {
	name string
	// initial pods are there when the time begins, in which pods are made and bound.
	initial, pods int
	// churn has a node, a pod that fits nowhere and a service made and deleted each second meanwhile.
	churn bool
	// gate is how many pods a second upstream's scheduler must bind on upstream's machine, on which there are no controllers.
	gate float64
}

func shapes() []shape {
	return []shape{
		{"SchedulingBasic/5000Nodes_10000Pods", 1000, 10000, false, 680},
		{"SchedulingBasic/5000Nodes_50000Pods", 5000, 50000, false, 790},
		{"SchedulingWithMixedChurn/5000Nodes_10000Pods", 0, 10000, true, 710},
	}
}

// runShapes times the scheduler at upstream's shapes, of the peer too if there is one.
func runShapes(ctx context.Context, o options) error {
	o.nodes, o.withoutKubelets = 0, true
	for _, s := range shapes() {
		if o.shape != "all" && o.shape != s.name {
			continue
		}
		fmt.Println(s.name)
		ours, err := s.run(ctx, o, nameOurs, start)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if o.peer == "" {
			continue
		}
		theirs, err := s.run(ctx, o, namePeer, startPeer)
		if err != nil {
			return fmt.Errorf("%s, the peer: %w", s.name, err)
		}
		fmt.Printf("kubecraft to its peer, pods a second: %.2f\n", ours/theirs)
	}
	return nil
}

// run returns how many pods one of the sides bound a second.
func (s shape) run(ctx context.Context, o options, name string, start starter) (rate float64, err error) {
	fmt.Println(name)
	dir, err := os.MkdirTemp("", "bench-cluster-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	c, err := start(ctx, o, dir)
	if err != nil {
		return 0, err
	}
	defer c.stop()
	if err := c.step("nodes", time.Now(), func(s counts) int { return s.ready }, 5000, func() error { return makeBareNodes(ctx, c.client, 5000) }); err != nil {
		return 0, err
	}
	c.counter.stopLeases()
	bound := func(s counts) int { return s.bound }
	if s.initial > 0 {
		if err := c.step("pods bound before", time.Now(), bound, s.initial, func() error { return makePods(ctx, c.client, s.initial) }); err != nil {
			return 0, err
		}
	}
	churning, stop := context.WithCancel(ctx)
	defer stop()
	churned := make(chan error, 1)
	if s.churn {
		go func() { churned <- churn(churning, c.client) }()
	}
	client := bench.CPU(os.Getpid())
	if err := c.step("pods bound", time.Now(), bound, s.initial+s.pods, func() error { return makePods(ctx, c.client, s.pods) }); err != nil {
		return 0, err
	}
	stop()
	if s.churn {
		if err := <-churned; err != nil {
			return 0, fmt.Errorf("churn: %w", err)
		}
	}
	client = bench.CPU(os.Getpid()) - client
	rate = float64(s.pods) / c.figures[len(c.figures)-1].seconds
	fmt.Printf("%-40s %6.0f a second, %.2f of upstream's gate of %.0f; the client's CPU meanwhile %.1f s\n", name, rate, rate/s.gate, s.gate, client.Seconds())
	return rate, nil
}

// makeBareNodes makes nodes without kubelets, as upstream's templates/node-default.yaml has them.
func makeBareNodes(ctx context.Context, client kubernetes.Interface, n int) error {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("32Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	making, ctx := errgroup.WithContext(ctx)
	making.SetLimit(makers)
	for range n {
		making.Go(func() error {
			node, err := client.CoreV1().Nodes().Create(ctx, &corev1.Node{
				ObjectMeta: metav1.ObjectMeta{GenerateName: "scheduler-perf-"},
				Status:     corev1.NodeStatus{Capacity: capacity, Allocatable: capacity, Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
			}, metav1.CreateOptions{})
			if err != nil || len(node.Spec.Taints) == 0 {
				return err
			}
			// Admission taints new nodes, and the controller that would take that off again is one of those that do not run.
			_, err = client.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, []byte(`{"spec":{"taints":null}}`), metav1.PatchOptions{})
			return err
		})
	}
	return making.Wait()
}

// makePods makes pods as of upstream's templates/pod-default.yaml.
func makePods(ctx context.Context, client kubernetes.Interface, n int) error {
	resources := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("500Mi")}
	making, ctx := errgroup.WithContext(ctx)
	making.SetLimit(podMakers)
	for range n {
		making.Go(func() error {
			_, err := client.CoreV1().Pods("default").Create(ctx, &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{GenerateName: "pod-"},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "pause", Image: "registry.k8s.io/pause:3.10.2", Ports: []corev1.ContainerPort{{ContainerPort: 80}},
					Resources: corev1.ResourceRequirements{Limits: resources, Requests: resources},
				}}},
			}, metav1.CreateOptions{})
			return err
		})
	}
	return making.Wait()
}

// churn makes and deletes, one a second each, what upstream's templates/churn has, until ctx ends.
func churn(ctx context.Context, client kubernetes.Interface) error {
	class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: churnPriority}, Value: 10}
	if _, err := client.SchedulingV1().PriorityClasses().Create(ctx, class, metav1.CreateOptions{}); err != nil {
		return err
	}
	large := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "pod-h-"},
		Spec: corev1.PodSpec{PriorityClassName: churnPriority, Containers: []corev1.Container{{
			Name: "pause", Image: "registry.k8s.io/pause:3.10.1",
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("9"), corev1.ResourceMemory: resource.MustParse("500Mi")}},
		}}},
	}
	// Admission knows of the class a moment later.
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		_, err := client.CoreV1().Pods("default").Create(ctx, large, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil {
			break
		}
		if !apierrors.IsForbidden(err) || time.Since(begin) > 10*time.Second {
			return err
		}
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		node, errNode := client.CoreV1().Nodes().Create(ctx, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "node-churn-"},
			Status:     corev1.NodeStatus{Capacity: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}, Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
		}, metav1.CreateOptions{})
		pod, errPod := client.CoreV1().Pods("default").Create(ctx, large, metav1.CreateOptions{})
		service, errService := client.CoreV1().Services("default").Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "service-churn-"},
			Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": "foo"}, Ports: []corev1.ServicePort{{Port: 8080}}},
		}, metav1.CreateOptions{})
		if ctx.Err() != nil {
			return nil
		}
		if err := errors.Join(errNode, errPod, errService); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := metav1.DeleteOptions{GracePeriodSeconds: new(int64)}
		err := errors.Join(client.CoreV1().Nodes().Delete(ctx, node.Name, now), client.CoreV1().Pods("default").Delete(ctx, pod.Name, now), client.CoreV1().Services("default").Delete(ctx, service.Name, now))
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}
