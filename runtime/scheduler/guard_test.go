package scheduler

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// brittle is a plugin that panics wherever it is asked.
type brittle struct{}

func (brittle) Name() string                                        { return "Brittle" }
func (brittle) PreEnqueue(context.Context, *corev1.Pod) *fwk.Status { panic("PreEnqueue") }
func (brittle) Close() error                                        { panic("Close") }
func (brittle) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	panic("EventsToRegister")
}
func (brittle) Less(_, _ fwk.QueuedEntityInfo) bool { panic("Less") }
func (brittle) SignPod(context.Context, *corev1.Pod) ([]fwk.SignFragment, *fwk.Status) {
	panic("SignPod")
}
func (brittle) PreFilter(context.Context, fwk.CycleState, *corev1.Pod, []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	panic("PreFilter")
}
func (b brittle) PreFilterExtensions() fwk.PreFilterExtensions { return b }
func (brittle) AddPod(context.Context, fwk.CycleState, *corev1.Pod, fwk.PodInfo, fwk.NodeInfo) *fwk.Status {
	panic("AddPod")
}
func (brittle) RemovePod(context.Context, fwk.CycleState, *corev1.Pod, fwk.PodInfo, fwk.NodeInfo) *fwk.Status {
	panic("RemovePod")
}
func (brittle) Filter(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeInfo) *fwk.Status {
	panic("Filter")
}
func (brittle) PostFilter(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeToStatusReader) (*fwk.PostFilterResult, *fwk.Status) {
	panic("PostFilter")
}
func (brittle) PreScore(context.Context, fwk.CycleState, *corev1.Pod, []fwk.NodeInfo) *fwk.Status {
	panic("PreScore")
}
func (brittle) Score(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeInfo) (int64, *fwk.Status) {
	panic("Score")
}
func (b brittle) ScoreExtensions() fwk.ScoreExtensions { return b }
func (brittle) NormalizeScore(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeScoreList) *fwk.Status {
	panic("NormalizeScore")
}
func (brittle) Reserve(context.Context, fwk.CycleState, *corev1.Pod, string) *fwk.Status {
	panic("Reserve")
}
func (brittle) Unreserve(context.Context, fwk.CycleState, *corev1.Pod, string) { panic("Unreserve") }
func (brittle) Permit(context.Context, fwk.CycleState, *corev1.Pod, string) (*fwk.Status, time.Duration) {
	panic("Permit")
}
func (brittle) PreBindPreFlight(context.Context, fwk.CycleState, *corev1.Pod, string) (*fwk.PreBindPreFlightResult, *fwk.Status) {
	panic("PreBindPreFlight")
}
func (brittle) PreBind(context.Context, fwk.CycleState, *corev1.Pod, string) *fwk.Status {
	panic("PreBind")
}
func (brittle) Bind(context.Context, fwk.CycleState, *corev1.Pod, string) *fwk.Status { panic("Bind") }
func (brittle) PostBind(context.Context, fwk.CycleState, *corev1.Pod, string)         { panic("PostBind") }
func (brittle) PodGroupPostFilter(context.Context, fwk.PodGroupCycleState, fwk.PodGroupInfo, fwk.PodGroupSchedulingFunc) (*fwk.PodGroupPostFilterResult, *fwk.Status) {
	panic("PodGroupPostFilter")
}
func (brittle) GeneratePlacements(context.Context, fwk.PodGroupCycleState, fwk.PodGroupInfo, *fwk.Placement) (*fwk.GeneratePlacementsResult, *fwk.Status) {
	panic("GeneratePlacements")
}
func (brittle) ScorePlacement(context.Context, fwk.PlacementCycleState, fwk.PodGroupInfo, *fwk.PodGroupAssignments) (int64, *fwk.Status) {
	panic("ScorePlacement")
}
func (b brittle) PlacementScoreExtensions() fwk.PlacementScoreExtensions { return b }
func (brittle) NormalizePlacementScore(context.Context, fwk.PodGroupCycleState, fwk.PodGroupInfo, []fwk.PlacementScore) *fwk.Status {
	panic("NormalizePlacementScore")
}

// all is what brittle extends.
type all interface {
	fwk.PreEnqueuePlugin
	fwk.EnqueueExtensions
	fwk.QueueSortPlugin
	fwk.SignPlugin
	fwk.PreFilterPlugin
	fwk.FilterPlugin
	fwk.PostFilterPlugin
	fwk.PreScorePlugin
	fwk.ScorePlugin
	fwk.ReservePlugin
	fwk.PermitPlugin
	fwk.PreBindPlugin
	fwk.BindPlugin
	fwk.PostBindPlugin
	fwk.PodGroupPostFilterPlugin
	fwk.PlacementGeneratePlugin
	fwk.PlacementScorePlugin
	Close() error
}

func makes(plugin fwk.Plugin) PluginFactory {
	return func(context.Context, runtime.Object, fwk.Handle) (fwk.Plugin, error) { return plugin, nil }
}

func TestEveryExtensionPointIsGuarded(t *testing.T) {
	ctx := t.Context()
	plugin, err := guard(makes(brittle{}))(ctx, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, ok := plugin.(all)
	if !ok {
		t.Fatalf("a %T does not extend all that the plugin does", plugin)
	}
	web, state := pod("web", "1"), framework.NewCycleState()
	for point, ask := range map[string]func() error{
		"PreEnqueue":         func() error { return g.PreEnqueue(ctx, web).AsError() },
		"Close":              g.Close,
		"EventsToRegister":   func() error { _, err := g.EventsToRegister(ctx); return err },
		"SignPod":            func() error { _, s := g.SignPod(ctx, web); return s.AsError() },
		"PreFilter":          func() error { _, s := g.PreFilter(ctx, state, web, nil); return s.AsError() },
		"AddPod":             func() error { return g.PreFilterExtensions().AddPod(ctx, state, web, nil, nil).AsError() },
		"RemovePod":          func() error { return g.PreFilterExtensions().RemovePod(ctx, state, web, nil, nil).AsError() },
		"Filter":             func() error { return g.Filter(ctx, state, web, nil).AsError() },
		"PostFilter":         func() error { _, s := g.PostFilter(ctx, state, web, nil); return s.AsError() },
		"PreScore":           func() error { return g.PreScore(ctx, state, web, nil).AsError() },
		"Score":              func() error { _, s := g.Score(ctx, state, web, nil); return s.AsError() },
		"NormalizeScore":     func() error { return g.ScoreExtensions().NormalizeScore(ctx, state, web, nil).AsError() },
		"Reserve":            func() error { return g.Reserve(ctx, state, web, "n").AsError() },
		"Permit":             func() error { s, _ := g.Permit(ctx, state, web, "n"); return s.AsError() },
		"PreBindPreFlight":   func() error { _, s := g.PreBindPreFlight(ctx, state, web, "n"); return s.AsError() },
		"PreBind":            func() error { return g.PreBind(ctx, state, web, "n").AsError() },
		"Bind":               func() error { return g.Bind(ctx, state, web, "n").AsError() },
		"PodGroupPostFilter": func() error { _, s := g.PodGroupPostFilter(ctx, nil, nil, nil); return s.AsError() },
		"GeneratePlacements": func() error { _, s := g.GeneratePlacements(ctx, nil, nil, nil); return s.AsError() },
		"ScorePlacement":     func() error { _, s := g.ScorePlacement(ctx, nil, nil, nil); return s.AsError() },
		"NormalizePlacementScore": func() error {
			return g.PlacementScoreExtensions().NormalizePlacementScore(ctx, nil, nil, nil).AsError()
		},
	} {
		if err := ask(); err == nil || !strings.HasPrefix(err.Error(), "panic: "+point+" (guard_test.go:") {
			t.Errorf("%s: %v", point, err)
		}
	}
	g.Unreserve(ctx, state, web, "n") // both are only told in the log
	g.PostBind(ctx, state, web, "n")
}

// evasive is a plugin that panics where it is asked what more it extends.
type evasive struct{ brittle }

func (evasive) PreFilterExtensions() fwk.PreFilterExtensions { panic("PreFilterExtensions") }
func (evasive) ScoreExtensions() fwk.ScoreExtensions         { panic("ScoreExtensions") }
func (evasive) PlacementScoreExtensions() fwk.PlacementScoreExtensions {
	panic("PlacementScoreExtensions")
}

func TestWhatAPluginExtendsIsAskedForWithCare(t *testing.T) {
	ctx := t.Context()
	plugin, err := guard(makes(evasive{}))(ctx, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, web, state := plugin.(all), pod("web", "1"), framework.NewCycleState()
	for point, status := range map[string]*fwk.Status{
		"PreFilterExtensions (add)":    g.PreFilterExtensions().AddPod(ctx, state, web, nil, nil),
		"PreFilterExtensions (remove)": g.PreFilterExtensions().RemovePod(ctx, state, web, nil, nil),
		"ScoreExtensions":              g.ScoreExtensions().NormalizeScore(ctx, state, web, nil),
		"PlacementScoreExtensions":     g.PlacementScoreExtensions().NormalizePlacementScore(ctx, nil, nil, nil),
	} {
		accessor, _, _ := strings.Cut(point, " ")
		if err := status.AsError(); err == nil || !strings.HasPrefix(err.Error(), "panic: "+accessor+" (guard_test.go:") {
			t.Errorf("%s: %v", point, err)
		}
	}
}

func TestAQueueIsInOrderAfterAPanic(t *testing.T) {
	plugin, err := guard(makes(brittle{}))(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	queued := func(priority int32, second int64) fwk.QueuedEntityInfo {
		p := pod("p", "1")
		p.Spec.Priority = &priority
		info, err := framework.NewPodInfo(p)
		if err != nil {
			t.Fatal(err)
		}
		return &framework.QueuedPodInfo{PodInfo: info, QueueingParams: framework.QueueingParams{Timestamp: time.Unix(second, 0)}}
	}
	less := plugin.(fwk.QueueSortPlugin).Less
	high, early, late := queued(2, 3), queued(1, 1), queued(1, 2)
	for range 2 {
		if !less(high, early) || less(early, high) || !less(early, late) || less(late, early) || less(late, late) {
			t.Error("pods are not in the order of priority and time")
		}
	}
}

// onlyFilters has nothing else.
type onlyFilters struct{}

func (onlyFilters) Name() string { return "OnlyFilters" }
func (onlyFilters) Filter(context.Context, fwk.CycleState, *corev1.Pod, fwk.NodeInfo) *fwk.Status {
	return fwk.NewStatus(fwk.Unschedulable, "no")
}

// A plugin must not seem to have what there may be one of, or what no answer is an answer of.
func TestAGuardAddsNothing(t *testing.T) {
	plugin, err := guard(makes(onlyFilters{}))(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	switch plugin.(type) {
	case fwk.QueueSortPlugin, fwk.PlacementGeneratePlugin, fwk.PlacementScorePlugin, fwk.PodGroupPostFilterPlugin, fwk.PostFilterPlugin, fwk.SignPlugin:
		t.Errorf("a %T extends what the plugin does not", plugin)
	}
	if s := plugin.(fwk.FilterPlugin).Filter(t.Context(), nil, nil, nil); s.Code() != fwk.Unschedulable || s.Message() != "no" {
		t.Errorf("the filter says %v", s)
	}
	if s := plugin.(fwk.BindPlugin).Bind(t.Context(), nil, nil, ""); !s.IsSkip() {
		t.Errorf("it binds: %v", s)
	}
}

func TestAFactoryIsGuarded(t *testing.T) {
	for want, factory := range map[string]PluginFactory{
		"panic: no handle (guard_test.go:":           func(context.Context, runtime.Object, fwk.Handle) (fwk.Plugin, error) { panic("no handle") },
		"its factory returns no plugin and no error": makes(nil),
	} {
		if plugin, err := guard(factory)(t.Context(), nil, nil); plugin != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, %v, not %s", plugin, err, want)
		}
	}
}

func TestHintsAreGuarded(t *testing.T) {
	hint := guardedHint(func(klog.Logger, *corev1.Pod, any, any) (fwk.QueueingHint, error) { panic("hint") })
	if answer, err := hint(klog.Background(), nil, nil, nil); answer != fwk.Queue || err == nil || !strings.HasPrefix(err.Error(), "panic: hint (guard_test.go:") {
		t.Errorf("%v, %v", answer, err)
	}
	pre := guardedPreHint(func(klog.Logger, any, any) (fwk.PreQueueingHintResult, error) { panic("pre") })
	if answer, err := pre(klog.Background(), nil, nil); !answer.AllPods || err == nil {
		t.Errorf("%+v, %v", answer, err)
	}
	if guardedHint(nil) != nil || guardedPreHint(nil) != nil {
		t.Error("a hint comes from nothing")
	}
}

// gate panics over one pod, before it is in the queue.
type gate struct{}

func (gate) Name() string { return "Gate" }
func (gate) PreEnqueue(_ context.Context, pod *corev1.Pod) *fwk.Status {
	if pod.Name == "bad" {
		panic("not that one")
	}
	return nil
}

func TestAPanicBeforeTheQueueIsAnEvent(t *testing.T) {
	t.Parallel()
	c := start(t, "profiles: [{plugins: {preEnqueue: {enabled: [{name: Gate}]}}}]", map[string]PluginFactory{"Gate": makes(gate{})}, nodes(1)...)
	c.create(pod("bad", "1"))
	c.create(pod("good", "1"))
	c.decisionOn("good.1", ended)
	err := wait.PollUntilContextTimeout(t.Context(), 2*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		list, err := c.client.EventsV1().Events("play").List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		for _, e := range list.Items {
			if e.Regarding.Name == "bad" && e.Reason == "FailedScheduling" && strings.Contains(e.Note, `PreEnqueue plugin "Gate" failed with: panic: not that one (guard_test.go:`) {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		t.Error("no event tells of the panic")
	}
}
