package kubelet

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
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
)

// ownPod is a pod on a node of one's own, from its start to its end.
type ownPod struct {
	node *ownNode
	pod  *corev1.Pod
	// ending ends when containers are to, given up when they have had their time, and removed when the pod is gone.
	ending, givenUp, removed context.Context
	stop, giveUp, gone       context.CancelFunc
	endOnce                  sync.Once
	changed                  chan struct{} // something in status has

	mu     sync.Mutex
	status corev1.PodStatus
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

// end has the containers end that run, within the grace period of the deletion.
func (p *ownPod) end(deleted *corev1.Pod) {
	p.endOnce.Do(func() {
		p.stop()
		time.AfterFunc(time.Duration(ptr.Deref(deleted.DeletionGracePeriodSeconds, 0))*time.Second, p.giveUp)
	})
}

// run runs the pod until it is gone, or ctx ends: its containers end with the node then.
func (p *ownPod) run(ctx context.Context) {
	defer context.AfterFunc(ctx, p.giveUp)()
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
		status.QOSClass = p.pod.Status.QOSClass
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

// runContainers runs those that prepare the pod one by one, then all others together, and says how they have ended.
func (p *ownPod) runContainers() {
	succeeded := true
	for i, c := range p.pod.Spec.InitContainers {
		if succeeded = p.runContainer(c, true, i); !succeeded {
			break
		}
	}
	if succeeded && p.ending.Err() == nil {
		var all sync.WaitGroup
		results := make([]bool, len(p.pod.Spec.Containers))
		for i, c := range p.pod.Spec.Containers {
			all.Go(func() { results[i] = p.runContainer(c, false, i) })
		}
		all.Wait()
		for _, ok := range results {
			succeeded = succeeded && ok
		}
	}
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

// runContainer runs a container again and again, as the pod's restart policy says, and returns whether it has succeeded at last.
func (p *ownPod) runContainer(c corev1.Container, init bool, i int) bool {
	backoff := firstBackoff
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
		if err := p.pull(c.Image); err != nil {
			say(func(s *corev1.ContainerStatus) {
				s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: err.Error()}}
			})
			if !p.pause(&backoff) {
				return false
			}
			continue
		}
		log, begin := p.newLog(c.Name), metav1.Now()
		say(func(s *corev1.ContainerStatus) {
			s.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: begin}}
			s.Ready, s.Started, s.ImageID = !init, ptr.To(true), c.Image
		})
		code, message := p.call(Container{Pod: p.pod, Spec: c, Log: log}, log)
		ended := &corev1.ContainerStateTerminated{ExitCode: int32(code), Reason: "Completed", Message: message, StartedAt: begin, FinishedAt: metav1.Now()}
		if code != 0 {
			ended.Reason = "Error"
		}
		say(func(s *corev1.ContainerStatus) {
			s.State, s.Ready, s.Started = corev1.ContainerState{Terminated: ended}, init && code == 0, ptr.To(false)
		})
		again := p.pod.Spec.RestartPolicy == corev1.RestartPolicyAlways && !init || p.pod.Spec.RestartPolicy != corev1.RestartPolicyNever && code != 0
		if !again || p.ending.Err() != nil {
			return code == 0
		}
		if time.Since(begin.Time) > 2*longestBackoff { // as upstream forgets
			backoff = firstBackoff
		}
		say(func(s *corev1.ContainerStatus) {
			s.LastTerminationState = s.State
			s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: fmt.Sprintf("back-off %v restarting container %s", backoff, c.Name)}}
		})
		if !p.pause(&backoff) {
			return code == 0
		}
		say(func(s *corev1.ContainerStatus) { s.RestartCount++ })
	}
}

// pause waits, longer each time. It returns false when the pod is to end.
func (p *ownPod) pause(backoff *time.Duration) bool {
	timer := time.NewTimer(*backoff)
	defer timer.Stop()
	*backoff = min(2**backoff, longestBackoff)
	select {
	case <-timer.C:
		return true
	case <-p.ending.Done():
		return false
	}
}

// pull calls Runtime.Pull. A panic is an error.
func (p *ownPod) pull(image string) (err error) {
	defer func() {
		if what := recover(); what != nil {
			klog.ErrorS(nil, "Pull panicked", "kubelet", p.node.PartName, "image", image, "panic", what, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", what)
		}
	}()
	return p.node.Runtime.Pull(p.ending, image)
}

// call calls Runtime.Run, and leaves it behind when it has had its time.
func (p *ownPod) call(c Container, log *ownLog) (code int, message string) {
	defer log.end()
	type result struct {
		code    int
		message string
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if what := recover(); what != nil {
				klog.ErrorS(nil, "container panicked", "kubelet", p.node.PartName, "pod", klog.KObj(p.pod), "container", c.Spec.Name, "panic", what, "stack", string(debug.Stack()))
				_, _ = fmt.Fprintf(log, "panic: %v\n\n%s", what, debug.Stack()) // into memory
				done <- result{exitPanicked, fmt.Sprintf("panic: %v", what)}
			}
		}()
		done <- result{p.node.Runtime.Run(p.ending, c), ""}
	}()
	select {
	case r := <-done:
		return r.code, r.message
	case <-p.givenUp.Done():
	}
	select {
	case r := <-done:
		return r.code, r.message
	default:
		klog.Warningf("container %s of pod %s has not ended with its context: it is left behind", c.Spec.Name, klog.KObj(p.pod))
		return exitGivenUp, "did not end within the grace period"
	}
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

// update changes the status, and has it published.
func (p *ownPod) update(change func(*corev1.PodStatus)) {
	p.mu.Lock()
	change(&p.status)
	p.status.Phase = p.phase()
	p.setConditions()
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// setConditions says what follows from the rest of the status. The caller holds mu.
func (p *ownPod) setConditions() {
	initialized, ready := true, p.status.Phase == corev1.PodRunning
	for _, s := range p.status.InitContainerStatuses {
		initialized = initialized && s.State.Terminated != nil && s.State.Terminated.ExitCode == 0
	}
	for _, s := range p.status.ContainerStatuses {
		ready = ready && s.Ready
	}
	p.setCondition(corev1.PodReadyToStartContainers, true)
	p.setCondition(corev1.PodInitialized, initialized)
	p.setCondition(corev1.ContainersReady, ready)
	p.setCondition(corev1.PodReady, ready)
}

func (p *ownPod) setCondition(of corev1.PodConditionType, is bool) {
	status := corev1.ConditionFalse
	if is {
		status = corev1.ConditionTrue
	}
	for i := range p.status.Conditions {
		if c := &p.status.Conditions[i]; c.Type == of {
			if c.Status != status {
				c.Status, c.LastTransitionTime = status, metav1.Now()
			}
			return
		}
	}
	p.status.Conditions = append(p.status.Conditions, corev1.PodCondition{Type: of, Status: status, LastTransitionTime: metav1.Now()})
}

// publish writes the status whenever it has changed, until the pod has ended: the last one too. When ctx ends, the node stops and the pod
// does not end: it runs again with the next start.
func (p *ownPod) publish(ctx context.Context, ended <-chan struct{}) {
	for {
		select {
		case <-p.changed:
			p.write(ctx)
			continue
		case <-ctx.Done():
			return
		case <-ended:
		}
		select {
		case <-p.changed:
			p.write(ctx)
		default:
		}
		return
	}
}

// write writes the status to the pod, unless that is another one by now.
func (p *ownPod) write(ctx context.Context) {
	pods := p.node.client.CoreV1().Pods(p.pod.Namespace)
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		now, err := pods.Get(ctx, p.pod.Name, metav1.GetOptions{})
		if err != nil || now.UID != p.pod.UID {
			return err
		}
		p.mu.Lock()
		status := p.status.DeepCopy()
		p.mu.Unlock()
		for _, c := range now.Status.Conditions { // those of others stay
			found := false
			for _, own := range status.Conditions {
				found = found || own.Type == c.Type
			}
			if !found {
				status.Conditions = append(status.Conditions, c)
			}
		}
		now.Status = *status
		_, err = pods.UpdateStatus(ctx, now, metav1.UpdateOptions{})
		return err
	})
	if err != nil && !apierrors.IsNotFound(err) && ctx.Err() == nil {
		klog.ErrorS(err, "status of a pod", "kubelet", p.node.PartName, "pod", klog.KObj(p.pod))
	}
}

// remove lets a pod go that is deleted and has ended.
func (p *ownPod) remove(ctx context.Context) {
	options := metav1.DeleteOptions{GracePeriodSeconds: new(int64), Preconditions: metav1.NewUIDPreconditions(string(p.pod.UID))}
	err := p.node.client.CoreV1().Pods(p.pod.Namespace).Delete(ctx, p.pod.Name, options)
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
		klog.ErrorS(err, "removal of a pod", "kubelet", p.node.PartName, "pod", klog.KObj(p.pod))
	}
}
