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
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	kwokmetrics "sigs.k8s.io/kwok/pkg/kwok/metrics"
	"sigs.k8s.io/yaml"
)

// usageAnnotation begins the annotations of pods that say what each of their containers uses, as kwok's own ClusterResourceUsage reads
// them: kwok.x-k8s.io/usage-cpu and kwok.x-k8s.io/usage-memory.
const usageAnnotation = "kwok.x-k8s.io/usage-"

// usages are what containers use: by ResourceUsage and ClusterResourceUsage objects of kwok's, or else by annotations.
type usages struct {
	// pods are those of one pod, by its namespace and name.
	pods map[string][]internalversion.ResourceUsageContainer
	// cluster are those of all pods that are selected.
	cluster []*internalversion.ClusterResourceUsage
	// expressions evaluates those in usages. Nil without any.
	expressions *kwokmetrics.Environment
}

// add reads a ResourceUsage.
func (u *usages) add(where string, document []byte) error {
	var read v1alpha1.ResourceUsage
	if err := yaml.UnmarshalStrict(document, &read); err != nil {
		return fmt.Errorf("%s: resource usage %s: %w", where, read.Name, err)
	}
	internal, err := internalversion.ConvertToInternalResourceUsage(&read)
	if err == nil {
		err = u.check(internal.Spec.Usages)
	}
	if err != nil {
		return fmt.Errorf("%s: resource usage %s: %w", where, read.Name, err)
	}
	if u.pods == nil {
		u.pods = map[string][]internalversion.ResourceUsageContainer{}
	}
	u.pods[key(&read)] = internal.Spec.Usages
	return nil
}

// addCluster reads a ClusterResourceUsage.
func (u *usages) addCluster(where string, document []byte) error {
	var read v1alpha1.ClusterResourceUsage
	if err := yaml.UnmarshalStrict(document, &read); err != nil {
		return fmt.Errorf("%s: cluster resource usage %s: %w", where, read.Name, err)
	}
	internal, err := internalversion.ConvertToInternalClusterResourceUsage(&read)
	if err == nil {
		err = u.check(internal.Spec.Usages)
	}
	if err != nil {
		return fmt.Errorf("%s: cluster resource usage %s: %w", where, read.Name, err)
	}
	u.cluster = append(u.cluster, internal)
	return nil
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
				return fmt.Errorf("usage.%s: %w", name, err)
			}
		}
	}
	return nil
}

// of returns what a container uses now.
func (u *usages) of(ctx context.Context, node *corev1.Node, pod *corev1.Pod, container *corev1.Container) corev1.ResourceList {
	usage := corev1.ResourceList{}
	values, ok := u.find(pod, container.Name)
	if !ok {
		usage[corev1.ResourceCPU] = annotated(pod, "cpu", "1m")
		usage[corev1.ResourceMemory] = annotated(pod, "memory", "1Mi")
		return usage
	}
	for name, value := range values {
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

// find returns the usage of a container that objects of kwok's say.
func (u *usages) find(pod *corev1.Pod, container string) (map[string]internalversion.ResourceUsageValue, bool) {
	if of, ok := u.pods[key(pod)]; ok {
		return containerUsage(of, container)
	}
	for _, of := range u.cluster {
		if !of.Spec.Selector.Match(pod.Name, pod.Namespace) {
			continue
		}
		if found, ok := containerUsage(of.Spec.Usages, container); ok {
			return found, true
		}
	}
	return nil, false
}

// containerUsage returns the usage that names a container, or else the first that is of all.
func containerUsage(all []internalversion.ResourceUsageContainer, container string) (map[string]internalversion.ResourceUsageValue, bool) {
	ofAll := -1
	for i, of := range all {
		if slices.Contains(of.Containers, container) {
			return of.Usage, true
		}
		if len(of.Containers) == 0 && ofAll < 0 {
			ofAll = i
		}
	}
	if ofAll < 0 {
		return nil, false
	}
	return all[ofAll].Usage, true
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
