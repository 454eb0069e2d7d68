package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// extenders returns extenders whose verdicts are noted. Upstream asks them outside a profile, by findNodesThatPassExtenders in
// k8s.io/kubernetes/pkg/scheduler.
func (r *recorder) extenders(of []fwk.Extender) []fwk.Extender {
	watched := make([]fwk.Extender, 0, len(of))
	for _, extender := range of {
		watched = append(watched, recordedExtender{extender, r})
	}
	return watched
}

type recordedExtender struct {
	fwk.Extender
	recorder *recorder
}

// Filter implements fwk.Extender.
func (e recordedExtender) Filter(pod *corev1.Pod, nodes []fwk.NodeInfo) ([]fwk.NodeInfo, extenderv1.FailedNodesMap, extenderv1.FailedNodesMap, error) {
	left, failed, unresolvable, err := e.Extender.Filter(pod, nodes)
	if err == nil && len(left) < len(nodes) {
		e.recorder.mu.Lock()
		a := e.recorder.current[pod.UID]
		e.recorder.mu.Unlock()
		if a != nil {
			a.extended(e.Name(), nodes, left, failed, unresolvable)
		}
	}
	return left, failed, unresolvable, err
}

// extended notes the nodes that an extender has turned down, which the filters have let pass.
func (a *attempt) extended(extender string, nodes, left []fwk.NodeInfo, failed, unresolvable extenderv1.FailedNodesMap) {
	passed := make(map[string]bool, len(left))
	for _, node := range left {
		passed[node.Node().Name] = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, node := range nodes {
		name := node.Node().Name
		if passed[name] || name == a.first.Node && a.firstRefused {
			continue
		}
		a.firstRefused = a.firstRefused || name == a.first.Node
		text, said := unresolvable[name]
		if !said {
			text, said = failed[name]
		}
		if !said || text == "" {
			text = "the extender leaves it out and does not say why"
		}
		a.feasible--
		a.reject(name, reason{extender, text})
	}
}
