package kubelet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
)

// logged has klog write to the result until the test ends.
func logged(t *testing.T) func() string {
	t.Helper()
	var mu sync.Mutex
	var lines strings.Builder
	before := klog.CaptureState()
	klog.SetLogger(funcr.New(func(_, line string) {
		mu.Lock()
		defer mu.Unlock()
		lines.WriteString(line + "\n")
	}, funcr.Options{}))
	t.Cleanup(before.Restore)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return lines.String()
	}
}

// one is a pod of a container.
func one(policy corev1.RestartPolicy) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "one", UID: "1"},
		Spec: corev1.PodSpec{HostNetwork: true, RestartPolicy: policy, Containers: []corev1.Container{{Name: "main", Image: "image"}}}}
}

// only is the pod's phase, and the status of its only container.
func (p *ownPod) only() (corev1.PodPhase, corev1.ContainerStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.Phase, *p.status.ContainerStatuses[0].DeepCopy()
}

// shown is what a container has logged.
func shown(log *ownLog) string {
	var text bytes.Buffer
	log.show(context.Background(), logOptions{tail: -1, limit: -1}, &text)
	return text.String()
}

// A container that does not return has failed as a process does that panics: the status says why, its log where.
func TestOwnPodWhoseContainerDoesNotReturn(t *testing.T) {
	for why, fail := range map[string]func(){
		"panic: at the disco":                 func() { panic("at the disco") },
		"ended its goroutine: runtime.Goexit": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			said := logged(t)
			p := newTestPod(one(corev1.RestartPolicyNever), runs(func(_ context.Context, c Container) int {
				_, _ = fmt.Fprintln(c.Log, "begins")
				fail()
				return 0
			}))
			defer p.gone()
			p.start()
			p.runContainers()
			phase, status := p.only()
			if ended := status.State.Terminated; phase != corev1.PodFailed || ended == nil || ended.ExitCode != 2 || ended.Message != why || ended.Reason != "Error" {
				t.Errorf("%s: %s, %+v", why, phase, ended)
			}
			if text := shown(p.log("main", false)); !strings.HasPrefix(text, "begins\n"+why+"\n") || !strings.Contains(text, "ownfail_test.go:") {
				t.Errorf("%s: the container's log: %s", why, text)
			}
			if text := said(); !strings.Contains(text, "container did not return") || !strings.Contains(text, why) || !strings.Contains(text, "ownfail_test.go:") {
				t.Errorf("%s: logged %s", why, text)
			}
		})
	}
}

// A Pull that does not return, or errs, is shown, and tried again.
func TestOwnPodWhosePullFails(t *testing.T) {
	for why, fail := range map[string]func() error{
		"no such image":                       func() error { return errors.New("no such image") },
		"panic: at the disco":                 func() error { panic("at the disco") },
		"ended its goroutine: runtime.Goexit": func() error { runtime.Goexit(); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			said := logged(t)
			asked := 0
			p := newTestPod(one(corev1.RestartPolicyNever), pulls{func(context.Context, Container) int { return 0 }, func(context.Context, string) error {
				if asked++; asked == 1 {
					return fail()
				}
				return nil
			}})
			defer p.gone()
			events := record.NewFakeRecorder(100)
			p.node.recorder = events
			p.start()
			time.AfterFunc(firstBackoff/2, func() {
				phase, status := p.only()
				if waiting := status.State.Waiting; phase != corev1.PodPending || waiting == nil || waiting.Reason != "ErrImagePull" || waiting.Message != why {
					t.Errorf("%s: %s, %+v", why, phase, waiting)
				}
			})
			begin := time.Now()
			p.runContainers()
			if took := time.Since(begin); p.status.Phase != corev1.PodSucceeded || asked != 2 || took != firstBackoff {
				t.Errorf("%s: %s after %v, pulled %d times", why, p.status.Phase, took, asked)
			}
			if got, want := <-events.Events, fmt.Sprintf("Warning Failed Failed to pull image %q: %s", "image", why); got != want {
				t.Errorf("event %q, not %q", got, want)
			}
			if is := strings.Contains(said(), "Pull did not return"); is == (why == "no such image") {
				t.Errorf("%s: logged %s", why, said())
			}
		})
	}
}

// What does not end with its context is given up when the grace period is over, and told of.
func TestOwnPodLeavesBehind(t *testing.T) {
	const grace = 30 * time.Second
	for what, want := range map[string]string{
		"Run":  "container main of pod default/one has not ended with its context: it is left behind",
		"Pull": "Pull of image image for pod default/one has not ended with its context: it is left behind",
	} {
		for _, stops := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				said := logged(t)
				left := make(chan struct{})
				defer close(left)
				p := newTestPod(one(corev1.RestartPolicyAlways), pulls{
					func(context.Context, Container) int { <-left; return 0 },
					func(context.Context, string) error {
						if what == "Pull" {
							<-left
						}
						return nil
					},
				})
				defer p.gone()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				begin, patience := time.Now(), grace
				if stops {
					patience = stopPatience
					time.AfterFunc(time.Minute, stop)
				} else {
					time.AfterFunc(time.Minute, func() { p.kill(grace) })
				}
				p.run(ctx)
				if took := time.Since(begin); took != time.Minute+patience || !strings.Contains(said(), want) {
					t.Errorf("%s: the pod ends after %v; logged %s", what, took, said())
				}
				pods, err := p.node.client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
				if there := len(pods.Items) > 0; err != nil || there != stops {
					t.Errorf("%s: the pod is there: %t, %v", what, there, err)
				}
				_, status := p.only()
				switch state := status.State; {
				case what == "Run" && (state.Terminated == nil || state.Terminated.ExitCode != 137 || state.Terminated.Message != notEnded),
					what == "Pull" && (state.Waiting == nil || state.Waiting.Reason != "ErrImagePull" || state.Waiting.Message != notEnded):
					t.Errorf("%s: %+v", what, state)
				}
			})
		}
	}
}

// A container that ends again and again waits longer each time, up to five minutes, and from the beginning once it has run for long. The log of
// the run before is there.
func TestOwnPodInACrashLoop(t *testing.T) {
	waits := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 5 * time.Minute, 5 * time.Minute, 10 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		var p *ownPod
		var ended time.Time
		var waited []time.Duration
		began := 0
		p = newTestPod(one(corev1.RestartPolicyAlways), runs(func(_ context.Context, c Container) int {
			if began++; began > 1 {
				waited = append(waited, time.Since(ended))
				if got, want := shown(p.log("main", true)), fmt.Sprintf("run %d\n", began-1); got != want {
					t.Errorf("the log of the run before is %q, not %q", got, want)
				}
			}
			if _, status := p.only(); status.State.Running == nil || int(status.RestartCount) != began-1 {
				t.Errorf("run %d: %+v", began, status)
			}
			_, _ = fmt.Fprintf(c.Log, "run %d\n", began)
			if began == len(waits) {
				time.Sleep(2*longestBackoff + time.Second)
			}
			if began > len(waits) {
				time.AfterFunc(time.Second, func() { p.kill(time.Minute) })
			} else {
				time.AfterFunc(time.Second, func() {
					phase, status := p.only()
					last, waiting := status.LastTerminationState.Terminated, status.State.Waiting
					if waiting == nil || waiting.Reason != "CrashLoopBackOff" || last == nil || last.ExitCode != 1 || phase != corev1.PodRunning {
						t.Errorf("after run %d: %+v", began, status)
					}
				})
			}
			ended = time.Now()
			return 1
		}))
		defer p.gone()
		p.start()
		p.runContainers()
		if !slices.Equal(waited, waits) {
			t.Errorf("waited %v, not %v", waited, waits)
		}
	})
}
