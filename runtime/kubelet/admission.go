package kubelet

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	podresource "k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// refusal is why a kubelet does not take a pod. Reasons and messages are upstream's (k8s.io/kubernetes/pkg/kubelet/lifecycle: predicateAdmitHandler.Admit).
type refusal struct{ reason, message string }

// refuse ends a pod that its node cannot take, and returns it as it is then; nil for one that may start. A pod that a scheduler has placed fits.
func (f *fleet) refuse(ctx context.Context, pod *corev1.Pod, recorder record.EventRecorder) (*corev1.Pod, error) {
	if pod.Status.Phase != corev1.PodPending || pod.Status.StartTime != nil || pod.DeletionTimestamp != nil || placed(pod) {
		return nil, nil
	}
	node := f.node(pod.Spec.NodeName)
	if node == nil || len(node.Status.Allocatable) == 0 {
		return nil, nil // nobody has said yet what it has
	}
	indexed, err := f.pods.GetIndexer().ByIndex(byNode, node.Name)
	if err != nil {
		return nil, err
	}
	var before []*corev1.Pod
	for _, of := range indexed {
		if other := of.(*corev1.Pod); precedes(other, pod) {
			before = append(before, other)
		}
	}
	why := admit(pod, node, before)
	if why == nil {
		return nil, nil
	}
	recorder.Event(pod, corev1.EventTypeWarning, why.reason, why.message)
	refused := pod.DeepCopy()
	refused.Status = corev1.PodStatus{
		QOSClass: pod.Status.QOSClass, Phase: corev1.PodFailed, Reason: why.reason, Message: "Pod was rejected: " + why.message,
	}
	return f.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, refused, metav1.UpdateOptions{})
}

// placed says whether a scheduler has placed a pod: the server notes in a condition that it was bound.
func placed(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// precedes says whether another pod of the same node has its place before a pod: it has started, a scheduler counts on it, or it is older.
func precedes(other, pod *corev1.Pod) bool {
	switch {
	case other.UID == pod.UID || other.Status.Phase == corev1.PodSucceeded || other.Status.Phase == corev1.PodFailed:
		return false
	case other.Status.StartTime != nil || placed(other):
		return true
	case other.CreationTimestamp.Equal(&pod.CreationTimestamp):
		return other.UID < pod.UID
	}
	return other.CreationTimestamp.Before(&pod.CreationTimestamp)
}

// admit says why a node cannot take a pod beside others, nil if it can.
func admit(pod *corev1.Pod, node *corev1.Node, others []*corev1.Pod) *refusal {
	if why := lacks(pod, node, others); why != nil {
		return why
	}
	if matches, _ := nodeaffinity.GetRequiredNodeAffinity(pod).Match(node); !matches {
		return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
	}
	for _, port := range hostPorts(pod) {
		for _, other := range others {
			if slices.ContainsFunc(hostPorts(other), port.conflicts) {
				return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
			}
		}
	}
	return nil
}

func failed(predicate, description string) *refusal {
	return &refusal{predicate, fmt.Sprintf("Predicate %s failed: %s", predicate, description)}
}

// lacks says of what a node has too little left. An extended resource that it does not have at all is none of its business.
func lacks(pod *corev1.Pod, node *corev1.Node, others []*corev1.Pod) *refusal {
	out := func(name corev1.ResourceName, requested, used, capacity int64) *refusal {
		return &refusal{"OutOf" + string(name), fmt.Sprintf("Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d", name, requested, used, capacity)}
	}
	if has := node.Status.Allocatable.Pods().Value(); int64(len(others)) >= has {
		return out(corev1.ResourcePods, 1, int64(len(others)), has)
	}
	wants := podresource.PodRequests(pod, podresource.PodResourcesOptions{})
	if len(wants) == 0 {
		return nil
	}
	used := corev1.ResourceList{}
	for _, other := range others {
		for name, amount := range podresource.PodRequests(other, podresource.PodResourcesOptions{}) {
			sum := used[name]
			sum.Add(amount)
			used[name] = sum
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wants)) {
		has, known := node.Status.Allocatable[name]
		native := name == corev1.ResourceCPU || name == corev1.ResourceMemory || name == corev1.ResourceEphemeralStorage
		want, taken := wants[name], used[name]
		sum := taken.DeepCopy()
		sum.Add(want)
		if want.IsZero() || !known && !native || sum.Cmp(has) <= 0 {
			continue
		}
		count := (*resource.Quantity).Value
		if name == corev1.ResourceCPU {
			count = (*resource.Quantity).MilliValue
		}
		return out(name, count(&want), count(&taken), count(&has))
	}
	return nil
}

// hostPort is a port of a node's.
type hostPort struct {
	ip       string
	protocol corev1.Protocol
	port     int32
}

// hostPorts are those of a node's ports that a pod has for as long as it runs.
func hostPorts(pod *corev1.Pod) []hostPort {
	var all []hostPort
	add := func(c corev1.Container) {
		for _, p := range c.Ports {
			if p.HostPort > 0 {
				all = append(all, hostPort{p.HostIP, p.Protocol, p.HostPort})
			}
		}
	}
	for _, c := range pod.Spec.Containers {
		add(c)
	}
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			add(c)
		}
	}
	return all
}

// conflicts says whether two ports cannot both be had: an address that is not said is every address.
func (p hostPort) conflicts(other hostPort) bool {
	every := func(ip string) bool {
		addr, err := netip.ParseAddr(ip)
		return err != nil || addr.IsUnspecified()
	}
	return p.port == other.port && p.protocol == other.protocol && (p.ip == other.ip || every(p.ip) || every(other.ip))
}
