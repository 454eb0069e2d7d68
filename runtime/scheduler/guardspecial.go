package scheduler

import (
	"context"
	"sync/atomic"

	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// guardedAll are the guards of all that plugins commonly extend.
type guardedAll struct {
	guardedPlugin
	guardedChoice
	guardedSign
	guardedPostFilter
}

// guardedSpecial returns the guards of a plugin that orders the queue, or has a say about groups of pods, and nil for another one. all are its
// other guards. A profile has one plugin at most that orders the queue, and one that generates placements, so that no other may seem to.
func guardedSpecial(plugin fwk.Plugin, all guardedAll) fwk.Plugin {
	_, sorts := plugin.(fwk.QueueSortPlugin)
	_, generates := plugin.(fwk.PlacementGeneratePlugin)
	_, scores := plugin.(fwk.PlacementScorePlugin)
	_, makesRoom := plugin.(fwk.PodGroupPostFilterPlugin)
	groups := generates || scores || makesRoom
	sort, group, generate := &guardedSort{plugin: plugin}, guardedGroup{plugin}, guardedGenerate{plugin}
	switch {
	case sorts && generates:
		return struct {
			guardedAll
			*guardedSort
			guardedGroup
			guardedGenerate
		}{all, sort, group, generate}
	case sorts && groups:
		return struct {
			guardedAll
			*guardedSort
			guardedGroup
		}{all, sort, group}
	case sorts:
		return struct {
			guardedAll
			*guardedSort
		}{all, sort}
	case generates:
		return struct {
			guardedAll
			guardedGroup
			guardedGenerate
		}{all, group, generate}
	case groups:
		return struct {
			guardedAll
			guardedGroup
		}{all, group}
	}
	return nil
}

// guardedSort is of a plugin that orders the queue.
type guardedSort struct {
	plugin fwk.Plugin
	// broken says that the plugin has panicked. It is not asked again: an order that is now one, now another is none.
	broken atomic.Bool
}

// Less orders as upstream's PrioritySort does once the plugin has panicked.
func (g *guardedSort) Less(a, b fwk.QueuedEntityInfo) (less bool) {
	if g.broken.Load() {
		return byPriority(a, b)
	}
	defer func() {
		if cause := recover(); cause != nil {
			if !g.broken.Swap(true) {
				klog.Errorf("scheduler plugin %s: QueueSort: %v; pods are ordered by priority and time from now on", g.plugin.Name(), panicked(cause))
			}
			less = byPriority(a, b)
		}
	}()
	return g.plugin.(fwk.QueueSortPlugin).Less(a, b)
}

func byPriority(a, b fwk.QueuedEntityInfo) bool {
	if a.GetPriority() != b.GetPriority() {
		return a.GetPriority() > b.GetPriority()
	}
	return a.GetTimestamp().Before(b.GetTimestamp())
}

type (
	guardedGroup    struct{ plugin fwk.Plugin }
	guardedGenerate struct{ plugin fwk.Plugin }
)

func (g guardedGroup) PodGroupPostFilter(ctx context.Context, state fwk.PodGroupCycleState, group fwk.PodGroupInfo, schedule fwk.PodGroupSchedulingFunc) (result *fwk.PodGroupPostFilterResult, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PodGroupPostFilterPlugin); ok {
		return of.PodGroupPostFilter(ctx, state, group, schedule)
	}
	return nil, fwk.NewStatus(fwk.Unschedulable)
}

func (g guardedGroup) ScorePlacement(ctx context.Context, state fwk.PlacementCycleState, group fwk.PodGroupInfo, placement *fwk.PodGroupAssignments) (score int64, status *fwk.Status) {
	defer fails(&status)
	if of, ok := g.plugin.(fwk.PlacementScorePlugin); ok {
		return of.ScorePlacement(ctx, state, group, placement)
	}
	return 0, nil
}

func (g guardedGroup) PlacementScoreExtensions() fwk.PlacementScoreExtensions {
	if of, ok := g.plugin.(fwk.PlacementScorePlugin); ok {
		if extensions := asked(of.PlacementScoreExtensions, func(err error) fwk.PlacementScoreExtensions { return failingExtensions{err} }); extensions != nil {
			return guardedPlacementNormalizer{extensions}
		}
	}
	return nil
}

type guardedPlacementNormalizer struct{ fwk.PlacementScoreExtensions }

func (g guardedPlacementNormalizer) NormalizePlacementScore(ctx context.Context, state fwk.PodGroupCycleState, group fwk.PodGroupInfo, scores []fwk.PlacementScore) (status *fwk.Status) {
	defer fails(&status)
	return g.PlacementScoreExtensions.NormalizePlacementScore(ctx, state, group, scores)
}

func (g guardedGenerate) GeneratePlacements(ctx context.Context, state fwk.PodGroupCycleState, group fwk.PodGroupInfo, parent *fwk.Placement) (result *fwk.GeneratePlacementsResult, status *fwk.Status) {
	defer fails(&status)
	return g.plugin.(fwk.PlacementGeneratePlugin).GeneratePlacements(ctx, state, group, parent)
}
