package scheduler

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	k8smetrics "k8s.io/component-base/metrics"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/kubecraft/kubecraft/runtime/scheduler/decision"
	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

const (
	// maxCandidates and maxNames are how many nodes a decision names.
	maxCandidates = 10
	maxNames      = 100
	// maxWaiting is how many notes may wait for being written down. More are lost, and counted: nobody waits for them.
	maxWaiting = 1000
)

// recorder writes down what a scheduler decides. On the scheduler's way it only takes notes.
type recorder struct {
	log *decision.Log
	// notes are what is to be written down: an *attempt that has ended, what has undone it since, or a victim.
	notes chan any
	lost  *k8smetrics.Counter

	mu sync.Mutex
	// current are the attempts that have not ended, and those that have chosen a node to which the pod is not bound yet.
	current map[types.UID]*attempt
}

func newRecorder(log *decision.Log) *recorder {
	return &recorder{log: log, notes: make(chan any, maxWaiting), lost: lostNotes(), current: map[types.UID]*attempt{}}
}

// watch has what a scheduler decides written down, until ctx ends.
func (r *recorder) watch(ctx context.Context, s *scheduler.Scheduler) {
	for name, profile := range s.Profiles {
		s.Profiles[name] = recorded{profile, r}
	}
	s.Extenders = r.extenders(s.Extenders)
	fail := s.FailureHandler
	s.FailureHandler = func(ctx context.Context, profile framework.Framework, pod *framework.QueuedPodInfo, status *fwk.Status, nominating *fwk.NominatingInfo, start time.Time) {
		r.failed(pod.Pod, profile.ProfileName(), status, nominating, start)
		fail(ctx, profile, pod, status, nominating, start)
	}
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case note := <-r.notes:
				switch note := note.(type) {
				case *attempt:
					note.written = note.decision()
					r.log.Add(note.written)
				case undone:
					if d := note.attempt.written; d != nil { // else it was lost
						r.log.Undo(d, note.result, note.nominated, note.message)
					}
				case victim:
					r.log.AddVictim(note.preemptor, note.name)
				}
			}
		}
	}()
}

// attempt is what is noted of an attempt to schedule a pod. It is in the state of the scheduling cycle.
type attempt struct {
	pod       *corev1.Pod
	scheduler string
	begin     time.Time

	mu        sync.Mutex
	evaluated int
	feasible  int
	rejected  map[reason]*rejected
	scored    []fwk.NodePluginScores
	// first is the node that is looked at before all others, and is looked at again with them if it will not do. Both times count as one:
	// firstSeen says that the filters have seen it, firstRefused that an extender has turned it down.
	first                   decisionv1.First
	firstSeen, firstRefused bool
	// preemption is what came of making room, if that was tried.
	preemption *decisionv1.Preemption

	// ended says that what follows is set.
	ended atomic.Bool
	// What follows is set once, when the attempt ends.
	end       time.Time
	result    decisionv1.Result
	node      string
	nominated string
	message   string

	// written is what was written down of it, by what writes.
	written *decisionv1.SchedulingDecision
}

// undone is an attempt that has chosen a node, and has failed then: a plugin has not permitted it, or it could not be bound.
type undone struct {
	attempt            *attempt
	result             decisionv1.Result
	nominated, message string
}

type reason struct{ plugin, text string }

type rejected struct {
	count int
	nodes []string
}

const stateKey fwk.StateKey = "kubecraft.io/attempt"

// Clone implements fwk.StateData.
func (a *attempt) Clone() fwk.StateData { return a }

// filtered notes what the filters have said of a node.
func (a *attempt) filtered(node string, status *fwk.Status) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if node == a.first.Node {
		if a.firstSeen {
			return
		}
		a.firstSeen = true
	}
	a.evaluated++
	if status.IsSuccess() {
		a.feasible++
		return
	}
	a.reject(node, reason{status.Plugin(), status.Message()})
}

// prefiltered notes the nodes that are left out before any is looked at: all of them if the pod is rejected, or those that plugins did not
// name. by are the plugins that have named some.
func (a *attempt) prefiltered(nodes fwk.NodeInfoLister, named *fwk.PreFilterResult, status *fwk.Status, by sets.Set[string]) {
	if status.IsSuccess() && named.AllNodes() || !status.IsSuccess() && !status.IsRejected() {
		return
	}
	all, err := nodes.List()
	if err != nil {
		return // upstream has asked for the same
	}
	plugins := sets.List(by)
	// As upstream has it, in Scheduler.findNodesThatFitPod.
	why := reason{strings.Join(plugins, ", "), fmt.Sprintf("node(s) didn't satisfy plugin(s) %v", plugins)}
	if !status.IsSuccess() {
		why = reason{cmp.Or(status.Plugin(), why.plugin), status.Message()}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, node := range all {
		if name := node.Node().Name; !status.IsSuccess() || !named.NodeNames.Has(name) {
			a.reject(name, why)
		}
	}
}

func (a *attempt) reject(node string, why reason) {
	if a.rejected == nil {
		a.rejected = map[reason]*rejected{}
	}
	r := a.rejected[why]
	if r == nil {
		r = &rejected{}
		a.rejected[why] = r
	}
	r.count++
	if len(r.nodes) < maxNames {
		r.nodes = append(r.nodes, node)
	}
}

// recorded is a profile of a scheduler that a recorder watches. What plugins call of the profile is not seen: the tries of a preemption
// are no attempts.
type recorded struct {
	framework.Framework
	recorder *recorder
}

// RunPreFilterPlugins implements framework.Framework. It is what an attempt begins with.
func (f recorded) RunPreFilterPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod) (*fwk.PreFilterResult, *fwk.Status, sets.Set[string]) {
	a := &attempt{pod: pod, scheduler: f.ProfileName(), begin: time.Now()}
	if node := pod.Status.NominatedNodeName; node != "" {
		a.first = decisionv1.First{Node: node, Reason: decisionv1.Nominated}
	}
	state.Write(stateKey, a)
	f.recorder.mu.Lock()
	f.recorder.current[pod.UID] = a
	f.recorder.mu.Unlock()
	named, status, by := f.Framework.RunPreFilterPlugins(ctx, state, pod)
	a.prefiltered(f.SnapshotSharedLister().NodeInfos(), named, status, by)
	return named, status, by
}

// GetNodeHint implements framework.Framework. It is asked before any node is looked at, and heeded if no node is nominated.
func (f recorded) GetNodeHint(ctx context.Context, pod *corev1.Pod, signature fwk.PodSignature, state fwk.CycleState, cycle int64) string {
	hint := f.Framework.GetNodeHint(ctx, pod, signature, state, cycle)
	if a := attemptOf(state); a != nil && hint != "" && a.first.Node == "" {
		a.first = decisionv1.First{Node: hint, Reason: decisionv1.Hinted}
	}
	return hint
}

// RunFilterPluginsWithNominatedPods implements framework.Framework.
func (f recorded) RunFilterPluginsWithNominatedPods(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) *fwk.Status {
	status := f.Framework.RunFilterPluginsWithNominatedPods(ctx, state, pod, node)
	if a := attemptOf(state); a != nil {
		a.filtered(node.Node().Name, status)
	}
	return status
}

// RunScorePlugins implements framework.Framework.
func (f recorded) RunScorePlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) ([]fwk.NodePluginScores, *fwk.Status) {
	scores, status := f.Framework.RunScorePlugins(ctx, state, pod, nodes)
	if a := attemptOf(state); a != nil {
		a.scored = scores
	}
	return scores, status
}

// RunReservePluginsReserve implements framework.Framework. It is called once a node is chosen.
func (f recorded) RunReservePluginsReserve(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	if a := attemptOf(state); a != nil && a.ended.CompareAndSwap(false, true) {
		a.node, a.result = node, decisionv1.Scheduled
		a.keepBest()
		f.recorder.finish(a)
	}
	return f.Framework.RunReservePluginsReserve(ctx, state, pod, node)
}

// RunPostBindPlugins implements framework.Framework. It is called once the pod is bound: nothing can undo the attempt any more.
func (f recorded) RunPostBindPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) {
	f.recorder.mu.Lock()
	delete(f.recorder.current, pod.UID)
	f.recorder.mu.Unlock()
	f.Framework.RunPostBindPlugins(ctx, state, pod, node)
}

func attemptOf(state fwk.CycleState) *attempt {
	data, err := state.Read(stateKey)
	if err != nil {
		return nil
	}
	a, _ := data.(*attempt)
	return a
}

// keepBest leaves the best of the scores, and that of the node chosen. It copies them: the scheduler goes on to use the slice.
func (a *attempt) keepBest() {
	best := make([]fwk.NodePluginScores, 0, maxCandidates+1)
	for _, of := range a.scored {
		if at, _ := slices.BinarySearchFunc(best, of, byTotal); at < maxCandidates {
			if len(best) == maxCandidates {
				best = best[:maxCandidates-1]
			}
			best = slices.Insert(best, at, of)
		}
	}
	chosen := func(of fwk.NodePluginScores) bool { return of.Name == a.node }
	if !slices.ContainsFunc(best, chosen) {
		if i := slices.IndexFunc(a.scored, chosen); i >= 0 {
			best = append(best, a.scored[i])
		}
	}
	a.scored = best
}

func byTotal(a, b fwk.NodePluginScores) int { return cmp.Compare(b.TotalScore, a.TotalScore) }

// failed notes that an attempt has not placed the pod, or has not bound it to the node chosen, which is the same attempt's end.
func (r *recorder) failed(pod *corev1.Pod, scheduler string, status *fwk.Status, nominating *fwk.NominatingInfo, start time.Time) {
	result, message, nominated := decisionv1.Failed, status.Message(), ""
	if status.IsRejected() {
		result = decisionv1.Unschedulable
	}
	if nominating != nil {
		nominated = nominating.NominatedNodeName
	}
	r.mu.Lock()
	a := r.current[pod.UID]
	r.mu.Unlock()
	if a == nil { // it has failed before anything was asked
		a = &attempt{pod: pod, scheduler: scheduler, begin: start}
	}
	if a.ended.CompareAndSwap(false, true) {
		a.result, a.message, a.nominated, a.scored = result, message, nominated, nil
		r.finish(a)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.current, pod.UID)
	r.note(undone{a, result, nominated, message})
}

// finish hands over an attempt that has ended.
func (r *recorder) finish(a *attempt) {
	a.end = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock() // what is noted of the attempt after this comes after it
	if a.result != decisionv1.Scheduled {
		delete(r.current, a.pod.UID)
	}
	r.note(a)
}

// note hands over what is to be written down.
func (r *recorder) note(note any) {
	select {
	case r.notes <- note:
	default:
		r.lost.Inc()
	}
}

// decision writes down an attempt that has ended.
func (a *attempt) decision() *decisionv1.SchedulingDecision {
	d := &decisionv1.SchedulingDecision{
		ObjectMeta: metav1.ObjectMeta{Namespace: a.pod.Namespace, CreationTimestamp: metav1.NewTime(a.begin)},
		Pod:        a.pod.Name, PodUID: a.pod.UID, Scheduler: a.scheduler,
		Result: a.result, Node: a.node, NominatedNode: a.nominated, Message: a.message,
		StartTime: metav1.NewMicroTime(a.begin), Microseconds: a.end.Sub(a.begin).Microseconds(),
	}
	a.mu.Lock() // a filter that was under way when enough nodes were found
	defer a.mu.Unlock()
	d.Evaluated, d.Feasible, d.Preemption = int32(a.evaluated), int32(a.feasible), a.preemption
	if a.firstSeen {
		d.First = &a.first
	}
	for why, r := range a.rejected {
		slices.Sort(r.nodes)
		d.Rejections = append(d.Rejections, decisionv1.Rejection{Plugin: why.plugin, Reason: why.text, Count: int32(r.count), Nodes: r.nodes})
	}
	slices.SortFunc(d.Rejections, func(a, b decisionv1.Rejection) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Plugin, b.Plugin), cmp.Compare(a.Reason, b.Reason))
	})
	for _, of := range a.scored {
		c := decisionv1.Candidate{Node: of.Name, Total: of.TotalScore}
		raw := map[string]int64{}
		for _, score := range of.RawScores {
			raw[score.Name] = score.Score
		}
		for _, score := range of.Scores {
			c.Scores = append(c.Scores, decisionv1.Score{Plugin: score.Name, Raw: raw[score.Name], Weighted: score.Score})
		}
		d.Candidates = append(d.Candidates, c)
	}
	if len(d.Candidates) == 0 && a.node != "" {
		d.Candidates = []decisionv1.Candidate{{Node: a.node}}
	}
	return d
}
