package testenv_test

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers"
	"github.com/kubecraft/kubecraft/runtime/kubelet"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/scheduler"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

// A whole cluster: what a Deployment asks for runs, and the scheduler tells where it has put it and why.
func TestPodsAreScheduled(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, kubernetes.All(), controllers.All(), scheduler.Default(), &kubelet.Part{Nodes: 5})
	client := clientset.NewForConfigOrDie(env.Config())
	deployment := newDeployment("web", 3)
	if _, err := client.AppsV1().Deployments("default").Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three pods run", func() bool {
		now, err := client.AppsV1().Deployments("default").Get(t.Context(), "web", metav1.GetOptions{})
		return err == nil && now.Status.AvailableReplicas == 3
	})
	pods, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil || len(pods.Items) != 3 {
		t.Fatalf("%d pods: %v", len(pods.Items), err)
	}
	for _, pod := range pods.Items {
		decision := env.Decision(&pod)
		if decision.Node != pod.Spec.NodeName || decision.Evaluated != 5 || len(decision.Candidates) == 0 {
			t.Errorf("pod %s is on %s, the scheduler says: %+v", pod.Name, pod.Spec.NodeName, decision)
		}
		if took := time.Duration(decision.Microseconds) * time.Microsecond; took <= 0 || took > time.Minute {
			t.Errorf("it took %v", took)
		}
	}
}

// newDeployment asks for pods that run a container.
func newDeployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: name, Image: "nginx"}}},
			},
		},
	}
}
