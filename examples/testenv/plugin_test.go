package testenv_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientset "k8s.io/client-go/kubernetes"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// brittle is a plugin that keeps pods off node-0, likes node-2, and panics over pods with a label.
type brittle struct{}

func (brittle) Name() string { return "Brittle" }

func (brittle) Filter(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) *fwk.Status {
	if pod.Labels["panic"] == "filter" {
		panic("no filter for that")
	}
	if node.Node().Name == "node-0" {
		return fwk.NewStatus(fwk.Unschedulable, "it is the first")
	}
	return nil
}

func (brittle) Score(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) (int64, *fwk.Status) {
	if pod.Labels["panic"] == "score" {
		var none []int64
		return none[len(pod.Name)], nil
	}
	if node.Node().Name == "node-2" {
		return fwk.MaxNodeScore, nil
	}
	return 0, nil
}

func (brittle) ScoreExtensions() fwk.ScoreExtensions { return nil }

// reluctant is a plugin that chooses nothing, and panics when a pod with a label has been given a node.
type reluctant struct{}

func (reluctant) Name() string { return "Reluctant" }

func (reluctant) Reserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	if pod.Labels["panic"] == "reserve" {
		panic("not on " + node)
	}
	return nil
}

func (reluctant) Unreserve(context.Context, fwk.CycleState, *corev1.Pod, string) {}

// A plugin of one's own takes part, and one that panics fails the pod and nothing else.
func TestAPluginOfOnesOwn(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "scheduler.yaml")
	if err := os.WriteFile(config, []byte(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
  plugins:
    multiPoint:
      enabled:
      - name: Brittle
        weight: 1000
      - name: Reluctant
`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := testenv.Start(t, kubernetes.All(), controllers.All(), &kubelet.Part{Nodes: 4}, &scheduler.Part{
		ConfigFiles: []string{config},
		Plugins: map[string]scheduler.PluginFactory{
			"Brittle":   func(context.Context, runtime.Object, fwk.Handle) (fwk.Plugin, error) { return brittle{}, nil },
			"Reluctant": func(context.Context, runtime.Object, fwk.Handle) (fwk.Plugin, error) { return reluctant{}, nil },
		},
	})
	client := clientset.NewForConfigOrDie(env.Config())
	for _, name := range []string{"score", "filter", "reserve", "none"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"panic": name}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
		}
		if _, err := client.CoreV1().Pods("default").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"score":   `plugin "Brittle" failed with: panic: runtime error: index out of range [5] with length 0 (plugin_test.go:`,
		"filter":  `panic: no filter for that (plugin_test.go:`,
		"reserve": `panic: not on node-2 (plugin_test.go:`,
	} {
		eventually(t, "an event tells of the panic", func() bool {
			events, err := client.CoreV1().Events("default").List(t.Context(), metav1.ListOptions{FieldSelector: "reason=FailedScheduling,involvedObject.name=" + name})
			return err == nil && slices.ContainsFunc(events.Items, func(e corev1.Event) bool { return strings.Contains(e.Message, want) })
		})
	}
	var pod *corev1.Pod
	eventually(t, "the other pod runs", func() bool {
		var err error
		pod, err = client.CoreV1().Pods("default").Get(t.Context(), "none", metav1.GetOptions{})
		return err == nil && pod.Status.Phase == corev1.PodRunning
	})
	decision := env.Decision(pod)
	if decision.Node != "node-2" || len(decision.Rejections) != 1 || decision.Rejections[0].Plugin != "Brittle" || decision.Rejections[0].Reason != "it is the first" {
		t.Errorf("the plugin has no part in it: %+v", decision)
	}
}
