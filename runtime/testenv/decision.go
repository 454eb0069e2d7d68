package testenv

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery"

	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

// decisionPatience is how long a decision may take to be written down, which is done beside the scheduler.
const decisionPatience = 5 * time.Second

// Decision returns what the scheduler has decided last about a pod: the node, the scores, why others would not do. The control plane
// needs the part scheduler, and a pod that it has tried to place; otherwise the test ends.
func (e *Env) Decision(pod *corev1.Pod) *decisionv1.SchedulingDecision {
	e.t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(e.Config())
	if err != nil {
		e.t.Fatal(err)
	}
	path := fmt.Sprintf("/apis/%s/namespaces/%s/schedulingdecisions?fieldSelector=%s", decisionv1.SchemeGroupVersion, pod.Namespace, url.QueryEscape("pod="+pod.Name))
	for begin := time.Now(); time.Since(begin) < decisionPatience; time.Sleep(10 * time.Millisecond) {
		body, err := client.RESTClient().Get().RequestURI(path).DoRaw(e.t.Context())
		if err != nil {
			e.t.Fatalf("decisions about pod %s/%s: %v", pod.Namespace, pod.Name, err)
		}
		var list decisionv1.SchedulingDecisionList
		if err := json.Unmarshal(body, &list); err != nil {
			e.t.Fatalf("decisions about pod %s/%s: %v", pod.Namespace, pod.Name, err)
		}
		for i := len(list.Items) - 1; i >= 0; i-- {
			if d := &list.Items[i]; d.PodUID == pod.UID && (pod.Spec.NodeName == "" || d.Node == pod.Spec.NodeName) {
				return d
			}
		}
	}
	e.t.Fatalf("the scheduler has decided nothing about pod %s/%s", pod.Namespace, pod.Name)
	return nil
}
