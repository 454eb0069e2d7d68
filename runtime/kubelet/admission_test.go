package kubelet

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// What a kubelet refuses is refused, with its reasons.
func TestAdmit(t *testing.T) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"disk": "ssd"}}}
	node.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("1Gi"), corev1.ResourcePods: resource.MustParse("3")}
	pod := func(cpu string, ports ...corev1.ContainerPort) *corev1.Pod {
		return &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{Ports: ports,
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}}}}}}
	}
	port := func(port int32, ip string, protocol corev1.Protocol) corev1.ContainerPort {
		return corev1.ContainerPort{HostPort: port, HostIP: ip, Protocol: protocol}
	}
	edited := func(p *corev1.Pod, edit func(*corev1.PodSpec)) *corev1.Pod { edit(&p.Spec); return p }
	tcp := port(80, "", corev1.ProtocolTCP)
	for name, test := range map[string]struct {
		pod    *corev1.Pod
		others []*corev1.Pod
		want   refusal
	}{
		"alone":         {pod("4"), nil, refusal{}},
		"full":          {pod("0"), []*corev1.Pod{pod("0"), pod("0"), pod("0")}, refusal{"OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"}},
		"beside":        {pod("3"), []*corev1.Pod{pod("1500m")}, refusal{"OutOfcpu", "Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000"}},
		"port":          {pod("1", tcp), []*corev1.Pod{pod("1", tcp)}, refusal{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"}},
		"another port":  {pod("1", tcp), []*corev1.Pod{pod("1", port(81, "", corev1.ProtocolTCP), port(80, "", corev1.ProtocolUDP))}, refusal{}},
		"two addresses": {pod("1", port(80, "10.0.0.1", corev1.ProtocolTCP)), []*corev1.Pod{pod("1", port(80, "10.0.0.2", corev1.ProtocolTCP))}, refusal{}},
		"every address": {pod("1", port(80, "10.0.0.1", corev1.ProtocolTCP)), []*corev1.Pod{pod("1", port(80, "0.0.0.0", corev1.ProtocolTCP))},
			refusal{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"}},
		"of a sidecar": {edited(pod("1"), func(s *corev1.PodSpec) {
			s.InitContainers = []corev1.Container{{RestartPolicy: ptr.To(corev1.ContainerRestartPolicyAlways), Ports: []corev1.ContainerPort{tcp}}}
		}), []*corev1.Pod{pod("1", tcp)}, refusal{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"}},
		"selector": {edited(pod("1"), func(s *corev1.PodSpec) { s.NodeSelector = map[string]string{"disk": "hdd"} }), nil,
			refusal{"NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"}},
		"a device that it does not have": {edited(pod("1"), func(s *corev1.PodSpec) {
			s.Containers[0].Resources.Requests["example.com/dongle"] = resource.MustParse("1")
		}), nil, refusal{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := refusal{}
			if why := admit(test.pod, node, test.others); why != nil {
				got = *why
			}
			if got != test.want {
				t.Errorf("refused because of %+v, want %+v", got, test.want)
			}
		})
	}
}

// Of two pods one comes first, whichever is looked at; what has ended takes no place.
func TestPrecedes(t *testing.T) {
	now := metav1.Now()
	pod := func(uid string, age time.Duration, status corev1.PodStatus) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid), CreationTimestamp: metav1.NewTime(now.Add(-age))}, Status: status}
	}
	bound := corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}}
	for name, test := range map[string]struct {
		first, second *corev1.Pod
	}{
		"older":   {pod("b", time.Minute, corev1.PodStatus{}), pod("a", 0, corev1.PodStatus{})},
		"as old":  {pod("a", 0, corev1.PodStatus{}), pod("b", 0, corev1.PodStatus{})},
		"started": {pod("b", 0, corev1.PodStatus{StartTime: &now}), pod("a", time.Minute, corev1.PodStatus{})},
		"placed":  {pod("b", 0, bound), pod("a", time.Minute, corev1.PodStatus{})},
	} {
		if !precedes(test.first, test.second) || name != "started" && name != "placed" && precedes(test.second, test.first) {
			t.Errorf("%s does not come first", name)
		}
	}
	if precedes(pod("a", time.Minute, corev1.PodStatus{Phase: corev1.PodFailed}), pod("b", 0, corev1.PodStatus{})) {
		t.Error("one that has failed comes first")
	}
}
