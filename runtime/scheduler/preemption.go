package scheduler

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/profile"

	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

// RunPostFilterPlugins implements framework.Framework. It is called when no node will do, to make room on one.
func (f recorded) RunPostFilterPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, statuses fwk.NodeToStatusReader) (*fwk.PostFilterResult, *fwk.Status) {
	a := attemptOf(state)
	if a != nil {
		a.mu.Lock()
		a.preemption = &decisionv1.Preemption{} // victims may be told of before this returns
		a.mu.Unlock()
	}
	result, status := f.Framework.RunPostFilterPlugins(ctx, state, pod, statuses)
	if a != nil {
		a.mu.Lock()
		a.preemption.Message = status.Message()
		a.mu.Unlock()
	}
	return result, status
}

// victim is a pod that was made to leave for another one.
type victim struct {
	preemptor types.UID
	name      string
}

// preempted notes a victim: of the attempt that is under way if it makes room, else of the last one that did. Upstream's preemption goes on
// after the attempt.
func (r *recorder) preempted(v victim) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.current[v.preemptor]; a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.preemption != nil {
			a.preemption.Victims = append(slices.Clip(a.preemption.Victims), v.name)
			return
		}
	}
	r.note(v)
}

// events returns a factory of what a scheduler sends its events with, which notes the victims of preemptions. They are told nowhere else.
func (r *recorder) events(of profile.RecorderFactory) profile.RecorderFactory {
	return func(name string) events.EventRecorderLogger { return recordedEvents{of(name), r} }
}

type recordedEvents struct {
	events.EventRecorderLogger
	recorder *recorder
}

// WithLogger implements events.EventRecorderLogger.
func (e recordedEvents) WithLogger(logger klog.Logger) events.EventRecorderLogger {
	return recordedEvents{e.EventRecorderLogger.WithLogger(logger), e.recorder}
}

// Eventf implements events.EventRecorder. A victim's event is that of Executor.PreemptPod in
// k8s.io/kubernetes/pkg/scheduler/framework/preemption.
func (e recordedEvents) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	if reason == "Preempted" {
		left, ok := regarding.(*corev1.Pod)
		preemptor, of := related.(metav1.Object) // what embeds a pod
		if ok && of {
			e.recorder.preempted(victim{preemptor.GetUID(), left.Namespace + "/" + left.Name})
		}
	}
	e.EventRecorderLogger.Eventf(regarding, related, kind, reason, action, note, args...)
}
