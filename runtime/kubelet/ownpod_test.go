package kubelet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"
)

// A status that cannot be written, and a pod that cannot be removed, are tried again.
func TestOwnPodInsists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "one", UID: "1"}}
		client := fake.NewClientset(pod)
		failures := map[string]int{"update": 3, "delete": 3}
		client.PrependReactor("*", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
			if failures[action.GetVerb()] > 0 {
				failures[action.GetVerb()]--
				return true, nil, errors.New("not now")
			}
			return false, nil, nil
		})
		p := newOwnPod(&ownNode{recorder: &record.FakeRecorder{}, Own: &Own{PartName: "own"}, client: client}, pod)
		defer p.gone()
		p.update(func(*corev1.PodStatus) { p.ended = corev1.PodSucceeded })
		ended := make(chan struct{})
		close(ended)
		p.publish(t.Context(), ended)
		now, err := client.CoreV1().Pods("default").Get(t.Context(), "one", metav1.GetOptions{})
		if err != nil || now.Status.Phase != corev1.PodSucceeded {
			t.Errorf("written: %v %v", now.Status.Phase, err)
		}
		p.remove(t.Context())
		if left, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{}); err != nil || len(left.Items) > 0 {
			t.Errorf("after its removal: %v %v", left.Items, err)
		}
	})
}

// What is tried again is not, once the pod is gone.
func TestOwnPodInsistsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newOwnPod(&ownNode{recorder: &record.FakeRecorder{}, Own: &Own{PartName: "own"}}, &corev1.Pod{})
		time.AfterFunc(time.Hour, p.gone)
		p.insist(t.Context(), "nothing", func() error { return errors.New("never") })
		if p.removed.Err() == nil {
			t.Error("given up before the pod was gone")
		}
	})
}

// A second deletion shortens the time that containers have, and never lengthens it.
func TestOwnPodEndsEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, p := time.Now(), newOwnPod(&ownNode{recorder: &record.FakeRecorder{}, Own: &Own{PartName: "own"}}, &corev1.Pod{})
		p.end(time.Hour)
		p.end(time.Minute)
		p.end(time.Hour)
		<-p.givenUp.Done()
		if took := time.Since(begin); took != time.Minute || p.ending.Err() == nil {
			t.Errorf("given up after %v", took)
		}
	})
}

// runs is a Runtime.
type runs func(context.Context, Container) int

func (runs) Pull(context.Context, string) error                 { return nil }
func (r runs) Run(ctx context.Context, container Container) int { return r(ctx, container) }

// pulls is a Runtime that pulls too.
type pulls struct {
	runs
	pull func(context.Context, string) error
}

func (p pulls) Pull(ctx context.Context, image string) error { return p.pull(ctx, image) }

// Containers have time to clean up when the node stops.
func TestOwnPodStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "one", UID: "1"},
			Spec: corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "quick"}, {Name: "slow"}}}}
		ctx, stop := context.WithCancel(t.Context())
		cleaned, left := false, make(chan struct{})
		defer close(left)
		p := newTestPod(pod, runs(func(ctx context.Context, c Container) int {
			<-ctx.Done()
			if c.Spec.Name == "slow" {
				<-left
				return 0
			}
			<-time.After(time.Second)
			cleaned = true
			return 0
		}))
		begin := time.Now()
		time.AfterFunc(time.Minute, stop)
		p.run(ctx)
		if took := time.Since(begin); !cleaned || took != time.Minute+stopPatience {
			t.Errorf("cleaned up: %t, after %v", cleaned, took)
		}
	})
}

func newTestPod(pod *corev1.Pod, run Runtime) *ownPod {
	client := fake.NewClientset(pod)
	nodes := informers.NewSharedInformerFactory(client, 0).Core().V1().Nodes().Informer() // not started: it has none
	return newOwnPod(&ownNode{recorder: &record.FakeRecorder{}, Own: &Own{PartName: "own", Runtime: run}, client: client, fleet: &fleet{nodes: nodes, addresses: newAddresses()}}, pod)
}

// A sidecar does not keep the others from starting, starts again whenever it ends, and ends after them.
func TestOwnPodWithSidecar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "one", UID: "1"},
			Spec: corev1.PodSpec{HostNetwork: true, RestartPolicy: corev1.RestartPolicyNever,
				InitContainers: []corev1.Container{{Name: "beside", RestartPolicy: new(corev1.ContainerRestartPolicyAlways)}, {Name: "before"}},
				Containers:     []corev1.Container{{Name: "main"}}}}
		var p *ownPod
		begun, ended := 0, false
		p = newTestPod(pod, runs(func(ctx context.Context, c Container) int {
			switch c.Spec.Name {
			case "beside":
				if begun++; begun == 1 {
					time.Sleep(time.Second)
					return 1
				}
				<-ctx.Done()
				if !ended {
					t.Error("ended before the others")
				}
			case "main":
				time.Sleep(time.Minute)
				p.mu.Lock()
				if status := p.status; status.Phase != corev1.PodRunning || status.Conditions[len(status.Conditions)-1].Status != corev1.ConditionTrue {
					t.Errorf("while it runs: %s %v", status.Phase, status.Conditions)
				}
				p.mu.Unlock()
				ended = true
			}
			return 0
		}))
		p.start()
		p.runContainers()
		beside := p.status.InitContainerStatuses[0]
		if p.status.Phase != corev1.PodSucceeded || begun != 2 || beside.RestartCount != 1 || beside.State.Terminated == nil {
			t.Errorf("at the end: %s, after %d runs: %v", p.status.Phase, begun, beside)
		}
	})
}
