package kubelet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	kwokmetrics "sigs.k8s.io/kwok/pkg/kwok/metrics"
)

// usageAnnotation begins the annotations of pods that say what each of their containers uses, as kwok's own ClusterResourceUsage reads
// them: kwok.x-k8s.io/usage-cpu and kwok.x-k8s.io/usage-memory.
const usageAnnotation = "kwok.x-k8s.io/usage-"

// usages are what containers use: by ResourceUsage and ClusterResourceUsage objects of kwok's, or else by annotations.
type usages struct {
	targets targets[internalversion.ResourceUsageContainer]
	// expressions evaluates those in usages. Nil without any.
	expressions *kwokmetrics.Environment
}

// check compiles expressions, which kwok keeps.
func (u *usages) check(all []internalversion.ResourceUsageContainer) error {
	for _, of := range all {
		for _, name := range slices.Sorted(maps.Keys(of.Usage)) {
			value := of.Usage[name]
			switch {
			case value.Value != nil:
				continue
			case value.Expression == nil:
				return fmt.Errorf("usage.%s has neither a value nor an expression", name)
			}
			if u.expressions == nil {
				var err error
				if u.expressions, err = kwokmetrics.NewEnvironment(kwokmetrics.EnvironmentConfig{Now: time.Now}); err != nil {
					return err
				}
			}
			if _, err := u.expressions.Compile(*value.Expression); err != nil {
				return fmt.Errorf("usage.%s: %s", name, oneLine(err.Error()))
			}
		}
	}
	return nil
}

// of returns what a container uses now.
func (u *usages) of(ctx context.Context, node *corev1.Node, pod *corev1.Pod, container *corev1.Container) corev1.ResourceList {
	usage := corev1.ResourceList{}
	said, ok := find(&u.targets, pod, container.Name, func(of internalversion.ResourceUsageContainer) []string { return of.Containers })
	if !ok {
		usage[corev1.ResourceCPU] = annotated(pod, "cpu", "1m")
		usage[corev1.ResourceMemory] = annotated(pod, "memory", "1Mi")
		return usage
	}
	for name, value := range said.Usage {
		if value.Value != nil {
			usage[corev1.ResourceName(name)] = *value.Value
			continue
		}
		evaluator, err := u.expressions.Compile(*value.Expression)
		if err != nil {
			continue // it has compiled before
		}
		amount, err := evaluator.EvaluateFloat64(ctx, kwokmetrics.Data{Node: node, Pod: pod, Container: container})
		if err != nil {
			klog.V(1).Infof("usage of %s by %s of pod %s: %v", name, container.Name, key(pod), err)
			continue
		}
		usage[corev1.ResourceName(name)] = quantity(name, amount)
	}
	return usage
}

// quantity is an amount as metrics-server gives it.
func quantity(name string, amount float64) resource.Quantity {
	if name == string(corev1.ResourceMemory) {
		return *resource.NewQuantity(int64(amount), resource.BinarySI)
	}
	return *resource.NewMilliQuantity(int64(amount*1000), resource.DecimalSI)
}

func annotated(pod *corev1.Pod, name, otherwise string) resource.Quantity {
	if given, err := resource.ParseQuantity(pod.Annotations[usageAnnotation+name]); err == nil {
		return given
	}
	return resource.MustParse(otherwise)
}

// measured implements metrics.Source of the nodes that are simulated, once they are.
type measured struct {
	usages usages
	fleet  atomic.Pointer[fleet]
}

// Nodes implements metrics.Source.
func (m *measured) Nodes() []*corev1.Node {
	f := m.fleet.Load()
	if f == nil {
		return nil
	}
	var nodes []*corev1.Node
	for _, of := range f.nodes.GetStore().List() {
		if node := of.(*corev1.Node); f.managesNode(node) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// Node implements metrics.Source.
func (m *measured) Node(name string) *corev1.Node {
	f := m.fleet.Load()
	if f == nil {
		return nil
	}
	if node := f.node(name); node != nil && f.managesNode(node) {
		return node
	}
	return nil
}

// Pods implements metrics.Source.
func (m *measured) Pods(node string) []*corev1.Pod {
	f := m.fleet.Load()
	if f == nil {
		return nil
	}
	all := f.pods.GetStore().List()
	if node != "" {
		var err error
		if all, err = f.pods.GetIndexer().ByIndex(byNode, node); err != nil {
			return nil
		}
	}
	var pods []*corev1.Pod
	for _, of := range all {
		if pod := of.(*corev1.Pod); f.measures(pod) {
			pods = append(pods, pod)
		}
	}
	return pods
}

// Pod implements metrics.Source.
func (m *measured) Pod(namespace, name string) *corev1.Pod {
	f := m.fleet.Load()
	if f == nil {
		return nil
	}
	if pod := f.pod(namespace, name); pod != nil && f.measures(pod) {
		return pod
	}
	return nil
}

// measures says whether a pod runs on a node that is simulated.
func (f *fleet) measures(pod *corev1.Pod) bool {
	node := f.node(pod.Spec.NodeName)
	return pod.Status.Phase == corev1.PodRunning && node != nil && f.managesNode(node)
}

// Usage implements metrics.Source.
func (m *measured) Usage(pod *corev1.Pod, container *corev1.Container) corev1.ResourceList {
	f := m.fleet.Load()
	if f == nil {
		return nil
	}
	return m.usages.of(context.Background(), f.node(pod.Spec.NodeName), pod, container)
}
