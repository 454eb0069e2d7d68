package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// Pods are scheduled to the node, run, log, and end as their functions do.
func TestKubelet(t *testing.T) {
	env := testenv.Start(t, kubernetes.All(), controllers.All(), scheduler.Default(), Kubelet())
	client := clientset.NewForConfigOrDie(env.Config())
	pods := client.CoreV1().Pods(metav1.NamespaceDefault)
	create(t, client, "hello", "echo", "hello", "world")
	create(t, client, "failing", "exit", "3")
	create(t, client, "ticking", "clock")
	create(t, client, "unknown", "nginx")
	is := func(name string, phase corev1.PodPhase, also func(corev1.ContainerStatus) bool) {
		t.Helper()
		eventually(t, name+" is "+string(phase), func() error {
			pod, err := pods.Get(t.Context(), name, metav1.GetOptions{})
			if err == nil && (pod.Status.Phase != phase || pod.Spec.NodeName != Name || len(pod.Status.ContainerStatuses) == 0 || !also(pod.Status.ContainerStatuses[0])) {
				err = fmt.Errorf("on %s: %+v", pod.Spec.NodeName, pod.Status)
			}
			return err
		})
	}
	is("hello", corev1.PodSucceeded, func(s corev1.ContainerStatus) bool { return s.State.Terminated.ExitCode == 0 })
	is("failing", corev1.PodFailed, func(s corev1.ContainerStatus) bool { return s.State.Terminated.ExitCode == 3 })
	is("ticking", corev1.PodRunning, func(s corev1.ContainerStatus) bool { return s.Ready && s.State.Running != nil })
	is("unknown", corev1.PodPending, func(s corev1.ContainerStatus) bool {
		return s.State.Waiting != nil && strings.Contains(s.State.Waiting.Message, "has no image nginx")
	})
	if log, err := pods.GetLogs("hello", &corev1.PodLogOptions{}).DoRaw(t.Context()); err != nil || string(log) != "hello world\n" {
		t.Errorf("the log is %q, %v", log, err)
	}
	for _, name := range []string{"hello", "failing", "ticking", "unknown"} {
		if err := pods.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" goes", func() error {
			_, err := pods.Get(t.Context(), name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return nil
			}
			return fmt.Errorf("it is still there, %w", err)
		})
	}
}

// create makes a pod for the node.
func create(t *testing.T, client clientset.Interface, name, image string, args ...string) {
	t.Helper()
	_, err := client.CoreV1().Pods(metav1.NamespaceDefault).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			NodeSelector:  map[string]string{corev1.LabelHostname: Name},
			Tolerations:   []corev1.Toleration{{Key: taint, Value: Name, Effect: corev1.TaintEffectNoSchedule}},
			Containers:    []corev1.Container{{Name: "main", Image: image, Args: args}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until there is no error any more.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s: %v", what, err)
		}
	}
}
