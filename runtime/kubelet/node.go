package kubelet

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// readTemplate reads the Node that others are to be like. Empty text is the built-in one.
func readTemplate(text string) (*corev1.Node, error) {
	node := &corev1.Node{}
	if text == "" {
		return node, nil
	}
	if err := yaml.UnmarshalStrict([]byte(text), node); err != nil {
		return nil, err
	}
	if node.APIVersion != "v1" || node.Kind != "Node" {
		return nil, fmt.Errorf("%s %s is not a v1 Node", node.APIVersion, node.Kind)
	}
	for name, quantity := range node.Status.Capacity {
		if quantity.Sign() < 0 {
			return nil, fmt.Errorf("status.capacity: %s is %s", name, quantity.String())
		}
	}
	for name, wants := range node.Status.Allocatable {
		if has, ok := node.Status.Capacity[name]; !ok || wants.Cmp(has) > 0 {
			return nil, fmt.Errorf("status.allocatable has more %s than status.capacity", name)
		}
	}
	return node, nil
}

// newNode returns node i of n as a kubelet registers it: its status is there from the first, and so is what controllers would write to it
// otherwise, one node at a time. What the template says stands.
func newNode(i, n int, template *corev1.Node) *corev1.Node {
	name, now := nodeNameOf(i), metav1.Now()
	node := template.DeepCopy()
	node.ObjectMeta = metav1.ObjectMeta{Name: name, Labels: node.Labels, Annotations: node.Annotations}
	node.Annotations = withDefaults(node.Annotations, map[string]string{Annotation: simulated, corev1.ObjectTTLAnnotationKey: ttlOf(n)})
	node.Labels = withDefaults(node.Labels, map[string]string{
		corev1.LabelArchStable: "amd64", corev1.LabelOSStable: "linux",
		corev1.LabelTopologyRegion: "local", corev1.LabelTopologyZone: "zone-" + string(rune('a'+i%zones)),
	})
	node.Labels[corev1.LabelHostname] = name
	// As a kubelet does it.
	node.Labels["beta.kubernetes.io/arch"], node.Labels["beta.kubernetes.io/os"] = node.Labels[corev1.LabelArchStable], node.Labels[corev1.LabelOSStable]
	if pods := podRangeOf(i); pods != "" && node.Spec.PodCIDR == "" && len(node.Spec.PodCIDRs) == 0 {
		node.Spec.PodCIDR, node.Spec.PodCIDRs = pods, []string{pods}
	}
	status := &node.Status
	if len(status.Capacity) == 0 {
		status.Capacity = corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
			corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		}
	}
	if _, said := status.Capacity[corev1.ResourcePods]; !said {
		status.Capacity[corev1.ResourcePods] = resource.MustParse("110")
	}
	if len(status.Allocatable) == 0 {
		status.Allocatable = status.Capacity
	}
	condition := func(of corev1.NodeConditionType, is corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: of, Status: is, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now}
	}
	status.Phase = corev1.NodeRunning
	status.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: nodeAddress(name).String()},
		{Type: corev1.NodeHostName, Address: name},
	}
	status.Conditions = []corev1.NodeCondition{
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
	}
	status.DaemonEndpoints.KubeletEndpoint.Port = kubeletPort
	status.NodeInfo = corev1.NodeSystemInfo{
		Architecture: node.Labels[corev1.LabelArchStable], OperatingSystem: node.Labels[corev1.LabelOSStable], OSImage: "simulated", KernelVersion: "simulated",
		KubeletVersion: apiserver.KubernetesVersion, ContainerRuntimeVersion: "simulated://1.0",
	}
	return node
}

// ttlOf is what the TTL controller annotates each of n nodes with (k8s.io/kubernetes/pkg/controller/ttl/ttl_controller.go: ttlBoundaries).
func ttlOf(n int) string {
	switch {
	case n <= 100:
		return "0"
	case n <= 500:
		return "15"
	case n <= 1000:
		return "30"
	case n <= 2000:
		return "60"
	}
	return "300"
}

// withDefaults returns a map that has what another has, and defaults for what it has not.
func withDefaults(given, defaults map[string]string) map[string]string {
	all := map[string]string{}
	for key, value := range defaults {
		all[key] = value
	}
	for key, value := range given {
		all[key] = value
	}
	return all
}
