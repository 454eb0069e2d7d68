package kubelet

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
)

const (
	// firstBackoff and longestBackoff are how long a container that ends, or whose image is not there, waits to be started again: as upstream
	// has it (k8s.io/kubernetes/pkg/kubelet/kubelet.go: backOffPeriod, MaxCrashLoopBackOff).
	firstBackoff   = 10 * time.Second
	longestBackoff = 5 * time.Minute
	// exitPanicked is the exit code of a Go program that panics, exitGivenUp that of a process that is killed.
	exitPanicked = 2
	exitGivenUp  = 137
	// stopPatience is how long containers have at most when the node stops: less than a component has (runtime/controlplane/components.go: componentPatience).
	stopPatience = 4 * time.Second
)

// ownPod is a pod on a node of one's own, from its start to its end.
type ownPod struct {
	node *ownNode
	pod  *corev1.Pod
	// ending ends when containers are to, given up when they have had their time, and removed when the pod is gone.
	ending, givenUp, removed context.Context
	stop, giveUp, gone       context.CancelFunc
	changed                  chan struct{} // something in status has

	mu sync.Mutex
	// deadline is when timer gives containers up that are to end.
	deadline time.Time
	timer    *time.Timer
	status   corev1.PodStatus
	// ended is the phase in which it has ended, empty until then.
	ended corev1.PodPhase
	logs  map[string][2]*ownLog // of a container: the last run's, and that of the one before
}

func newOwnPod(n *ownNode, pod *corev1.Pod) *ownPod {
	p := &ownPod{node: n, pod: pod, changed: make(chan struct{}, 1), status: *pod.Status.DeepCopy(), logs: map[string][2]*ownLog{}}
	p.ending, p.stop = context.WithCancel(context.Background())
	p.givenUp, p.giveUp = context.WithCancel(context.Background())
	p.removed, p.gone = context.WithCancel(context.Background())
	context.AfterFunc(p.givenUp, p.stop)
	context.AfterFunc(p.removed, p.giveUp)
	return p
}

// kill has the containers end because the pod is deleted, and says so the first time.
func (p *ownPod) kill(within time.Duration) {
	if p.ending.Err() == nil {
		p.mu.Lock()
		statuses := slices.Concat(p.status.InitContainerStatuses, p.status.ContainerStatuses)
		p.mu.Unlock()
		for _, s := range statuses {
			if s.State.Running != nil {
				p.tell(s.Name, corev1.EventTypeNormal, "Killing", "Stopping container %s", s.Name)
			}
		}
	}
	p.end(within)
}

// tell records an event about a container. Reasons are upstream's (k8s.io/kubernetes/pkg/kubelet/events/event.go).
func (p *ownPod) tell(container, kind, reason, format string, args ...any) {
	field := "containers"
	for _, c := range p.pod.Spec.InitContainers {
		if c.Name == container {
			field = "initContainers"
		}
	}
	p.node.recorder.Eventf(&corev1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: p.pod.Namespace, Name: p.pod.Name, UID: p.pod.UID, ResourceVersion: p.pod.ResourceVersion,
		FieldPath: fmt.Sprintf("spec.%s{%s}", field, container),
	}, kind, reason, format, args...)
}

// end has the containers end that run, and gives them up when they have not by then. A later call can only shorten that.
func (p *ownPod) end(within time.Duration) {
	p.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	deadline := time.Now().Add(within)
	if p.timer == nil {
		p.deadline, p.timer = deadline, time.AfterFunc(within, p.giveUp)
	} else if deadline.Before(p.deadline) {
		p.deadline = deadline
		p.timer.Reset(within)
	}
}

// grace is how long the containers have to end when nobody says so.
func (p *ownPod) grace() time.Duration {
	return time.Duration(ptr.Deref(p.pod.Spec.TerminationGracePeriodSeconds, corev1.DefaultTerminationGracePeriodSeconds)) * time.Second
}

// run runs the pod until it is gone, or ctx ends: its containers end with the node then.
func (p *ownPod) run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { p.end(min(p.grace(), stopPatience)) })()
	published, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(published)
		p.publish(ctx, ended)
	}()
	if phase := p.pod.Status.Phase; phase != corev1.PodSucceeded && phase != corev1.PodFailed && p.pod.DeletionTimestamp == nil {
		p.start()
		p.runContainers()
	}
	select {
	case <-p.ending.Done():
	case <-ctx.Done():
	}
	close(ended)
	<-published
	if ctx.Err() == nil && p.removed.Err() == nil {
		p.remove(ctx)
	}
}

// start says that the node has the pod.
func (p *ownPod) start() {
	p.update(func(status *corev1.PodStatus) {
		if status.StartTime == nil {
			status.StartTime = ptr.To(metav1.Now())
		}
		status.Reason, status.Message = "", ""
		status.HostIP = nodeAddress(p.node.PartName).String()
		status.HostIPs = []corev1.HostIP{{IP: status.HostIP}}
		status.PodIPs = nil
		for _, ip := range p.node.fleet.podIPs(p.pod) {
			status.PodIPs = append(status.PodIPs, corev1.PodIP{IP: ip})
		}
		if len(status.PodIPs) > 0 {
			status.PodIP = status.PodIPs[0].IP
		}
		status.InitContainerStatuses = waiting(p.pod.Spec.InitContainers, status.InitContainerStatuses)
		status.ContainerStatuses = waiting(p.pod.Spec.Containers, status.ContainerStatuses)
	})
}

// waiting are the statuses of containers that have not started, counted on from those of another process.
func waiting(containers []corev1.Container, before []corev1.ContainerStatus) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range containers {
		status := corev1.ContainerStatus{Name: c.Name, Image: c.Image, Started: ptr.To(false),
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}}
		for _, was := range before {
			if was.Name == c.Name && (was.State.Running != nil || was.State.Terminated != nil) {
				status.RestartCount = was.RestartCount + 1
			}
		}
		all = append(all, status)
	}
	return all
}

// runContainers runs those that prepare the pod one by one, then all others together, and says how they have ended. A sidecar is only waited
// for to start: it ends after the others.
func (p *ownPod) runContainers() {
	whole := life{p.ending, p.givenUp}
	givenUp, giveUp := context.WithCancel(p.givenUp)
	defer giveUp()
	ending, stop := context.WithCancel(givenUp)
	defer stop()
	var sidecars sync.WaitGroup
	succeeded := true
	for i, c := range p.pod.Spec.InitContainers {
		if !isSidecar(c) {
			succeeded = p.runContainer(c, whole, true, i, func() {})
		} else {
			started := make(chan struct{})
			sidecars.Go(func() { p.runContainer(c, life{ending, givenUp}, true, i, sync.OnceFunc(func() { close(started) })) })
			select {
			case <-started:
			case <-p.ending.Done():
				succeeded = false
			}
		}
		if !succeeded {
			break
		}
	}
	if succeeded && p.ending.Err() == nil {
		var all sync.WaitGroup
		results := make([]bool, len(p.pod.Spec.Containers))
		for i, c := range p.pod.Spec.Containers {
			all.Go(func() { results[i] = p.runContainer(c, whole, false, i, func() {}) })
		}
		all.Wait()
		for _, ok := range results {
			succeeded = succeeded && ok
		}
	}
	stop()
	patience := time.AfterFunc(p.grace(), giveUp)
	sidecars.Wait()
	patience.Stop()
	p.update(func(*corev1.PodStatus) {
		p.ended = corev1.PodSucceeded
		if !succeeded {
			p.ended = corev1.PodFailed
		}
	})
}

// phase is Pending until all containers have started, as upstream has it (k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go: getPhase).
func (p *ownPod) phase() corev1.PodPhase {
	if p.ended != "" {
		return p.ended
	}
	for _, s := range p.status.ContainerStatuses {
		if s.State.Waiting != nil && s.LastTerminationState.Terminated == nil {
			return corev1.PodPending
		}
	}
	return corev1.PodRunning
}

// isSidecar says whether an init container runs beside the others.
func isSidecar(c corev1.Container) bool {
	return ptr.Deref(c.RestartPolicy, "") == corev1.ContainerRestartPolicyAlways
}

// runContainer runs a container again and again, as its restart policy or the pod's says, and returns whether it has succeeded at last. It
// calls started each time it starts.
func (p *ownPod) runContainer(c corev1.Container, of life, init bool, i int, started func()) bool {
	backoff, sidecar := firstBackoff, init && isSidecar(c)
	prepares := init && !sidecar
	say := func(change func(*corev1.ContainerStatus)) {
		p.update(func(status *corev1.PodStatus) {
			if init {
				change(&status.InitContainerStatuses[i])
			} else {
				change(&status.ContainerStatuses[i])
			}
		})
	}
	for {
		asked := time.Now()
		if err := p.pull(of, c.Image); err != nil {
			p.tell(c.Name, corev1.EventTypeWarning, "Failed", "Failed to pull image %q: %v", c.Image, err)
			say(func(s *corev1.ContainerStatus) {
				s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: err.Error()}}
			})
			if !pause(of.ending, &backoff) {
				return false
			}
			continue
		}
		p.tell(c.Name, corev1.EventTypeNormal, "Pulled", "Successfully pulled image %q in %v", c.Image, time.Since(asked).Round(time.Millisecond))
		log, begin := p.newLog(c.Name), metav1.Now()
		say(func(s *corev1.ContainerStatus) {
			s.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: begin}}
			s.Ready, s.Started, s.ImageID = !prepares, ptr.To(true), c.Image
		})
		p.tell(c.Name, corev1.EventTypeNormal, "Started", "Container started")
		started()
		code, message := p.runOnce(of, Container{Pod: p.pod, Spec: c, Log: log}, log)
		ended := &corev1.ContainerStateTerminated{ExitCode: int32(code), Reason: "Completed", Message: message, StartedAt: begin, FinishedAt: metav1.Now()}
		if code != 0 {
			ended.Reason = "Error"
		}
		say(func(s *corev1.ContainerStatus) {
			s.State, s.Ready, s.Started = corev1.ContainerState{Terminated: ended}, prepares && code == 0, ptr.To(false)
		})
		again := sidecar || p.pod.Spec.RestartPolicy == corev1.RestartPolicyAlways && !init || p.pod.Spec.RestartPolicy != corev1.RestartPolicyNever && code != 0
		if !again || of.ending.Err() != nil {
			return code == 0
		}
		if time.Since(begin.Time) > 2*longestBackoff { // as upstream forgets
			backoff = firstBackoff
		}
		say(func(s *corev1.ContainerStatus) {
			s.LastTerminationState = s.State
			s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: fmt.Sprintf("back-off %v restarting container %s", backoff, c.Name)}}
		})
		p.tell(c.Name, corev1.EventTypeWarning, "BackOff", "Back-off restarting failed container %s in pod %s", c.Name, klog.KObj(p.pod))
		if !pause(of.ending, &backoff) {
			return code == 0
		}
		say(func(s *corev1.ContainerStatus) { s.RestartCount++ })
	}
}

// pause waits, longer each time. It returns false when the container is to end.
func pause(ending context.Context, backoff *time.Duration) bool {
	timer := time.NewTimer(*backoff)
	defer timer.Stop()
	*backoff = min(2**backoff, longestBackoff)
	select {
	case <-timer.C:
		return true
	case <-ending.Done():
		return false
	}
}

// pull calls Runtime.Pull, and leaves it behind when it has had its time.
func (p *ownPod) pull(of life, image string) error {
	err, ended := call(of, func() error { return p.node.Runtime.Pull(of.ending, image) }, func(why string) error {
		klog.ErrorS(nil, "Pull did not return", "kubelet", p.node.PartName, "pod", klog.KObj(p.pod), "image", image, "why", why, "stack", string(debug.Stack()))
		return errors.New(why)
	})
	if !ended {
		klog.Warningf("Pull of image %s for pod %s has not ended with its context: it is left behind", image, klog.KObj(p.pod))
		return errors.New(notEnded)
	}
	return err
}

// runOnce calls Runtime.Run, and leaves it behind when it has had its time.
func (p *ownPod) runOnce(of life, c Container, log *ownLog) (code int, message string) {
	defer log.end()
	type result struct {
		code    int
		message string
	}
	r, ended := call(of, func() result { return result{p.node.Runtime.Run(of.ending, c), ""} }, func(why string) result {
		stack := debug.Stack()
		klog.ErrorS(nil, "container did not return", "kubelet", p.node.PartName, "pod", klog.KObj(p.pod), "container", c.Spec.Name, "why", why, "stack", string(stack))
		_, _ = fmt.Fprintf(log, "%s\n\n%s", why, stack) // into memory
		return result{exitPanicked, why}
	})
	if !ended {
		klog.Warningf("container %s of pod %s has not ended with its context: it is left behind", c.Spec.Name, klog.KObj(p.pod))
		return exitGivenUp, notEnded
	}
	return r.code, r.message
}

func (p *ownPod) newLog(container string) *ownLog {
	p.mu.Lock()
	defer p.mu.Unlock()
	log := newOwnLog()
	p.logs[container] = [2]*ownLog{log, p.logs[container][0]}
	return log
}

func (p *ownPod) log(container string, previous bool) *ownLog {
	p.mu.Lock()
	defer p.mu.Unlock()
	if previous {
		return p.logs[container][1]
	}
	return p.logs[container][0]
}
