package kubelet

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"k8s.io/klog/v2"
)

const (
	// firstRetry and longestRetry are how long a request waits that failed, to be tried again.
	firstRetry   = time.Second
	longestRetry = 10 * time.Second
)

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
	for i, s := range p.status.InitContainerStatuses {
		if isSidecar(p.pod.Spec.InitContainers[i]) {
			initialized = initialized && (s.State.Waiting == nil || s.LastTerminationState.Terminated != nil)
			ready = ready && s.Ready
			continue
		}
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
	p.insist(ctx, "status of a pod", func() error {
		err := p.writeOnce(ctx)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	})
}

func (p *ownPod) writeOnce(ctx context.Context) error {
	pods := p.node.client.CoreV1().Pods(p.pod.Namespace)
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
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
}

// remove lets a pod go that is deleted and has ended.
func (p *ownPod) remove(ctx context.Context) {
	options := metav1.DeleteOptions{GracePeriodSeconds: new(int64), Preconditions: metav1.NewUIDPreconditions(string(p.pod.UID))}
	p.insist(ctx, "removal of a pod", func() error {
		err := p.node.client.CoreV1().Pods(p.pod.Namespace).Delete(ctx, p.pod.Name, options)
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return nil
		}
		return err
	})
}

// insist tries again what fails, since nothing else would: until it does not, the pod is gone, or ctx ends.
func (p *ownPod) insist(ctx context.Context, what string, try func() error) {
	backoff := firstRetry
	for {
		err := try()
		if err == nil || ctx.Err() != nil || p.removed.Err() != nil {
			return
		}
		klog.ErrorS(err, what, "kubelet", p.node.PartName, "pod", klog.KObj(p.pod), "again in", backoff)
		timer := time.NewTimer(backoff)
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-p.removed.Done():
		}
		timer.Stop()
		if ctx.Err() != nil || p.removed.Err() != nil {
			return
		}
		backoff = min(2*backoff, longestRetry)
	}
}
