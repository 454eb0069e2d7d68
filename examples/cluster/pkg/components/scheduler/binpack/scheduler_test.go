package binpack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// In a cluster of two nodes four pods of an application fill one after the other, and the fifth waits.
func TestScheduler(t *testing.T) {
	env := testenv.Start(t, kubernetes.All(), controllers.All(), Scheduler(), &kubelet.Part{Nodes: 2})
	client := clientset.NewForConfigOrDie(env.Config())
	var nodes []string
	for i := range 4 {
		pod := create(t, client, i)
		eventually(t, pod.Name+" has a node", func() bool {
			now, err := client.CoreV1().Pods("default").Get(t.Context(), pod.Name, metav1.GetOptions{})
			if err == nil && now.Spec.NodeName != "" {
				pod = now
			}
			return pod.Spec.NodeName != ""
		})
		if decision := env.Decision(pod); decision.Scheduler != Name {
			t.Errorf("%s was placed by %s", pod.Name, decision.Scheduler)
		}
		nodes = append(nodes, pod.Spec.NodeName)
	}
	if nodes[0] != nodes[1] || nodes[2] != nodes[3] || nodes[0] == nodes[2] {
		t.Errorf("the pods are on %v", nodes)
	}
	last := create(t, client, 4)
	rejections := env.Decision(last).Rejections
	if len(rejections) != 1 || rejections[0].Plugin != FilterName || rejections[0].Count != 2 || !strings.Contains(rejections[0].Reason, "2 pods of the application") {
		t.Errorf("%s waits because of %+v", last.Name, rejections)
	}
	if err := client.CoreV1().Pods("default").Delete(t.Context(), "pod-0", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, last.Name+" takes the place of pod-0", func() bool {
		now, err := client.CoreV1().Pods("default").Get(t.Context(), last.Name, metav1.GetOptions{})
		return err == nil && now.Spec.NodeName == nodes[0]
	})
}

func create(t *testing.T, client clientset.Interface, i int) *corev1.Pod {
	t.Helper()
	pod, err := client.CoreV1().Pods("default").Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod-%d", i), Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{
			SchedulerName: Name,
			Containers:    []corev1.Container{{Name: "web", Image: "nginx"}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
