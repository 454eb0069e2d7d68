package scheduler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/runtime"
)

// guard makes the plugins of a factory fail where they panic: the pod that is being scheduled gets an event that says so, as with any error of
// a plugin's. Upstream lets the process end (k8s.io/client-go/util/workqueue/parallelizer.go: ParallelizeUntil), and with it all that is
// in it here.
func guard(factory runtime.PluginFactory) runtime.PluginFactory {
	return func(ctx context.Context, args apiruntime.Object, handle fwk.Handle) (plugin fwk.Plugin, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				err = panicked(cause)
			}
		}()
		if plugin, err = factory(ctx, args, handle); err != nil {
			return nil, err
		}
		if plugin == nil {
			return nil, errors.New("its factory returns no plugin and no error")
		}
		return guarded(plugin, handle), nil
	}
}

// guarded returns a plugin that fails where another one panics. It extends more than the other one may: what that does not is skipped, or of no
// consequence. Where no answer would be of none, only those are guarded that have one. handle is for events.
func guarded(plugin fwk.Plugin, handle fwk.Handle) fwk.Plugin {
	_, prefilters := plugin.(fwk.PreFilterPlugin)
	_, filters := plugin.(fwk.FilterPlugin)
	_, prescores := plugin.(fwk.PreScorePlugin)
	_, scores := plugin.(fwk.ScorePlugin)
	_, signs := plugin.(fwk.SignPlugin)
	_, prefers := plugin.(fwk.PostFilterPlugin)
	// Of a plugin that has a say in the choice of a node, upstream asks what pods it treats alike.
	chooses := prefilters || filters || prescores || scores
	g, choice, sign, post := guardedPlugin{plugin, handle}, guardedChoice{plugin}, guardedSign{plugin}, guardedPostFilter{plugin}
	if special := guardedSpecial(plugin, guardedAll{g, choice, sign, post}); special != nil {
		return special
	}
	switch {
	case chooses && signs && prefers:
		return struct {
			guardedPlugin
			guardedChoice
			guardedSign
			guardedPostFilter
		}{g, choice, sign, post}
	case chooses && signs:
		return struct {
			guardedPlugin
			guardedChoice
			guardedSign
		}{g, choice, sign}
	case chooses && prefers:
		return struct {
			guardedPlugin
			guardedChoice
			guardedPostFilter
		}{g, choice, post}
	case chooses:
		return struct {
			guardedPlugin
			guardedChoice
		}{g, choice}
	case prefers:
		return struct {
			guardedPlugin
			guardedPostFilter
		}{g, post}
	}
	return g
}

// panicked is the error of a plugin that has panicked, with the place where it has.
func panicked(cause any) error {
	callers := make([]uintptr, 32)
	frames := goruntime.CallersFrames(callers[:goruntime.Callers(1, callers)])
	for seen := false; ; {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			seen = true
		case seen && !strings.HasPrefix(frame.Function, "runtime."):
			return fmt.Errorf("panic: %v (%s:%d)", cause, filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return fmt.Errorf("panic: %v", cause)
		}
	}
}

// fails makes a panic the status of a plugin.
func fails(status **fwk.Status) {
	if cause := recover(); cause != nil {
		*status = fwk.AsStatus(panicked(cause))
	}
}

// errs makes a panic an error.
func errs(err *error) {
	if cause := recover(); cause != nil {
		*err = panicked(cause)
	}
}

// tells logs a panic where nobody asks for a status.
func tells(name string) {
	if cause := recover(); cause != nil {
		klog.Errorf("scheduler plugin %s: %v", name, panicked(cause))
	}
}

// skipped is what a plugin says of an extension point that it has nothing at.
func skipped() *fwk.Status { return fwk.NewStatus(fwk.Skip) }

type guardedPlugin struct {
	plugin fwk.Plugin
	handle fwk.Handle
}

func (g guardedPlugin) Name() string { return g.plugin.Name() }

// PreEnqueue tells of a panic by an event: upstream sends none of a pod that it does not let into the queue.
func (g guardedPlugin) PreEnqueue(ctx context.Context, pod *corev1.Pod) (status *fwk.Status) {
	defer func() {
		if cause := recover(); cause != nil {
			err := panicked(cause)
			status = fwk.AsStatus(err)
			if g.handle != nil && g.handle.EventRecorder() != nil {
				g.handle.EventRecorder().Eventf(pod, nil, corev1.EventTypeWarning, "FailedScheduling", "Scheduling", "PreEnqueue plugin %q failed with: %v", g.Name(), err)
			}
		}
	}()
	if of, ok := g.plugin.(fwk.PreEnqueuePlugin); ok {
		return of.PreEnqueue(ctx, pod)
	}
	return nil
}

// Close implements io.Closer, by which a scheduler ends its plugins.
func (g guardedPlugin) Close() (err error) {
	defer errs(&err)
	if of, ok := g.plugin.(io.Closer); ok {
		return of.Close()
	}
	return nil
}

func (g guardedPlugin) EventsToRegister(ctx context.Context) (events []fwk.ClusterEventWithHint, err error) {
	defer errs(&err)
	switch of := g.plugin.(type) {
	case fwk.EnqueueExtensions:
		events, err = of.EventsToRegister(ctx)
		for i := range events {
			events[i].QueueingHintFn = guardedHint(events[i].QueueingHintFn)
			events[i].PreQueueingHintFn = guardedPreHint(events[i].PreQueueingHintFn)
		}
		return events, err
	case fwk.PreEnqueuePlugin, fwk.PreFilterPlugin, fwk.FilterPlugin, fwk.ReservePlugin, fwk.PermitPlugin:
		return framework.UnrollWildCardResource(), nil // as of plugins that do not say
	}
	return nil, nil // it rejects nothing
}

// guardedHint has a pod looked at again where a hint panics.
func guardedHint(hint fwk.QueueingHintFn) fwk.QueueingHintFn {
	if hint == nil {
		return nil
	}
	return func(logger klog.Logger, pod *corev1.Pod, before, after any) (answer fwk.QueueingHint, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				answer, err = fwk.Queue, panicked(cause)
			}
		}()
		return hint(logger, pod, before, after)
	}
}

// guardedPreHint has all pods looked at where a hint panics.
func guardedPreHint(hint fwk.PreQueueingHintFn) fwk.PreQueueingHintFn {
	if hint == nil {
		return nil
	}
	return func(logger klog.Logger, before, after any) (answer fwk.PreQueueingHintResult, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				answer, err = fwk.PreQueueingHintResult{AllPods: true}, panicked(cause)
			}
		}()
		return hint(logger, before, after)
	}
}

func (g guardedChoice) PreFilter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) (result *fwk.PreFilterResult, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PreFilterPlugin); ok {
		return of.PreFilter(ctx, state, pod, nodes)
	}
	if _, ok := g.plugin.(fwk.FilterPlugin); ok {
		return nil, nil
	}
	return nil, skipped()
}

func (g guardedChoice) PreFilterExtensions() fwk.PreFilterExtensions {
	if of, ok := g.plugin.(fwk.PreFilterPlugin); ok {
		if extensions := asked(of.PreFilterExtensions, func(err error) fwk.PreFilterExtensions { return failingExtensions{err} }); extensions != nil {
			return guardedExtensions{extensions}
		}
	}
	return nil
}

func (g guardedChoice) Filter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) (status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.FilterPlugin); ok {
		return of.Filter(ctx, state, pod, node)
	}
	return nil
}

func (g guardedChoice) PreScore(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) (status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PreScorePlugin); ok {
		return of.PreScore(ctx, state, pod, nodes)
	}
	if _, ok := g.plugin.(fwk.ScorePlugin); ok {
		return nil
	}
	return skipped()
}

func (g guardedChoice) Score(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) (score int64, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.ScorePlugin); ok {
		return of.Score(ctx, state, pod, node)
	}
	return 0, nil
}

func (g guardedChoice) ScoreExtensions() fwk.ScoreExtensions {
	if of, ok := g.plugin.(fwk.ScorePlugin); ok {
		if extensions := asked(of.ScoreExtensions, func(err error) fwk.ScoreExtensions { return failingExtensions{err} }); extensions != nil {
			return guardedNormalizer{extensions}
		}
	}
	return nil
}

func (g guardedPlugin) Reserve(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) (status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.ReservePlugin); ok {
		return of.Reserve(ctx, state, pod, node)
	}
	return nil
}

func (g guardedPlugin) Unreserve(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) {
	defer tells(g.Name())
	if of, ok := g.plugin.(fwk.ReservePlugin); ok {
		of.Unreserve(ctx, state, pod, node)
	}
}

func (g guardedPlugin) Permit(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) (status *fwk.Status, wait time.Duration) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PermitPlugin); ok {
		return of.Permit(ctx, state, pod, node)
	}
	return nil, 0
}

func (g guardedPlugin) PreBindPreFlight(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) (result *fwk.PreBindPreFlightResult, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PreBindPlugin); ok {
		return of.PreBindPreFlight(ctx, state, pod, node)
	}
	return &fwk.PreBindPreFlightResult{AllowParallel: true}, skipped()
}

func (g guardedPlugin) PreBind(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) (status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PreBindPlugin); ok {
		return of.PreBind(ctx, state, pod, node)
	}
	return nil
}

func (g guardedPlugin) Bind(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) (status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.BindPlugin); ok {
		return of.Bind(ctx, state, pod, node)
	}
	return skipped()
}

func (g guardedPlugin) PostBind(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) {
	defer tells(g.Name())
	if of, ok := g.plugin.(fwk.PostBindPlugin); ok {
		of.PostBind(ctx, state, pod, node)
	}
}

// What follows is of plugins that have these extension points, or for guardedChoice one of its.
type (
	guardedChoice     struct{ plugin fwk.Plugin }
	guardedPostFilter struct{ plugin fwk.Plugin }
	guardedSign       struct{ plugin fwk.Plugin }
)

func (g guardedSign) SignPod(ctx context.Context, pod *corev1.Pod) (fragments []fwk.SignFragment, status *fwk.Status) {
	defer fails(&status)
	switch of := g.plugin.(type) {
	case fwk.SignPlugin:
		return of.SignPod(ctx, pod)
	case fwk.PreFilterPlugin, fwk.FilterPlugin, fwk.PreScorePlugin, fwk.ScorePlugin:
		return nil, fwk.NewStatus(fwk.Unschedulable, "it does not say which pods are alike")
	}
	return nil, nil
}

func (g guardedPostFilter) PostFilter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, filtered fwk.NodeToStatusReader) (result *fwk.PostFilterResult, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PostFilterPlugin); ok {
		return of.PostFilter(ctx, state, pod, filtered)
	}
	return nil, fwk.NewStatus(fwk.Unschedulable)
}

type guardedExtensions struct{ fwk.PreFilterExtensions }

func (g guardedExtensions) AddPod(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, added fwk.PodInfo, node fwk.NodeInfo) (status *fwk.Status) {
	defer fails(&status)
	return g.PreFilterExtensions.AddPod(ctx, state, pod, added, node)
}

func (g guardedExtensions) RemovePod(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, removed fwk.PodInfo, node fwk.NodeInfo) (status *fwk.Status) {
	defer fails(&status)
	return g.PreFilterExtensions.RemovePod(ctx, state, pod, removed, node)
}

type guardedNormalizer struct{ fwk.ScoreExtensions }

func (g guardedNormalizer) NormalizeScore(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, scores fwk.NodeScoreList) (status *fwk.Status) {
	defer fails(&status)
	return g.ScoreExtensions.NormalizeScore(ctx, state, pod, scores)
}

// asked returns the extensions that a plugin says it has, and those that failed makes where it panics.
func asked[E any](ask func() E, failed func(error) E) (extensions E) {
	defer func() {
		if cause := recover(); cause != nil {
			extensions = failed(panicked(cause))
		}
	}()
	return ask()
}

// failingExtensions are those of a plugin that has panicked when it was asked for them.
type failingExtensions struct{ error }

func (e failingExtensions) AddPod(context.Context, fwk.CycleState, *corev1.Pod, fwk.PodInfo, fwk.NodeInfo) *fwk.Status {
	return fwk.AsStatus(e.error)
}

func (e failingExtensions) RemovePod(context.Context, fwk.CycleState, *corev1.Pod, fwk.PodInfo, fwk.NodeInfo) *fwk.Status {
	return fwk.AsStatus(e.error)
}

func (e failingExtensions) NormalizeScore(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeScoreList) *fwk.Status {
	return fwk.AsStatus(e.error)
}

func (e failingExtensions) NormalizePlacementScore(context.Context, fwk.PodGroupCycleState, fwk.PodGroupInfo, []fwk.PlacementScore) *fwk.Status {
	return fwk.AsStatus(e.error)
}
