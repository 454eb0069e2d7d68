package decision

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

const (
	// maxDecisions and maxDetails bound what a Log holds: decisions, and the names and scores of nodes in all of them.
	maxDecisions = 5_000
	maxDetails   = 250_000
)

// Log holds the decisions that were made last. The oldest make room for new ones.
type Log struct {
	mu      sync.RWMutex
	oldest  int // index of the first in kept
	kept    []*decisionv1.SchedulingDecision
	named   map[types.NamespacedName]*decisionv1.SchedulingDecision
	attempt map[types.UID]*attempts
	details int
}

// attempts are those of one pod: how many there were, and how many decisions of it are held.
type attempts struct{ last, held int32 }

// NewLog returns an empty Log.
func NewLog() *Log {
	return &Log{named: map[types.NamespacedName]*decisionv1.SchedulingDecision{}, attempt: map[types.UID]*attempts{}}
}

// Add adds a decision, which is the Log's from then on. It sets the name and the number of the attempt.
func (l *Log) Add(d *decisionv1.SchedulingDecision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.attempt[d.PodUID]
	if of == nil {
		of = &attempts{}
		l.attempt[d.PodUID] = of
	}
	of.last++
	of.held++
	d.Attempt = of.last
	d.Name = fmt.Sprintf("%s.%d", d.Pod, d.Attempt)
	d.UID = types.UID(fmt.Sprintf("%s.%d", d.PodUID, d.Attempt))
	l.kept = append(l.kept, d)
	l.named[nameOf(d)] = d
	l.details += details(d)
	l.bound()
}

// AddVictim notes a pod, NAMESPACE/NAME, that was made to leave for another one: in the last decision that is held in which room was made for that
// one. Without one it does nothing.
func (l *Log) AddVictim(preemptor types.UID, victim string) {
	l.change(func(d *decisionv1.SchedulingDecision) bool { return d.PodUID == preemptor && d.Preemption != nil }, func(d *decisionv1.SchedulingDecision) {
		preemption := *d.Preemption
		preemption.Victims = append(slices.Clip(preemption.Victims), victim)
		d.Preemption = &preemption
	})
}

// Undo notes that a pod has not come to the node that was chosen in a decision, which was added before. If that is no longer held it does nothing.
func (l *Log) Undo(of *decisionv1.SchedulingDecision, result decisionv1.Result, nominated, message string) {
	l.change(func(d *decisionv1.SchedulingDecision) bool { return d.UID == of.UID }, func(d *decisionv1.SchedulingDecision) {
		d.Result, d.NominatedNode, d.Message = result, nominated, message
	})
}

// change puts a changed copy in the place of the last decision that is as is asked for: it may be read just now.
func (l *Log) change(asked func(*decisionv1.SchedulingDecision) bool, change func(*decisionv1.SchedulingDecision)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.kept) - 1; i >= l.oldest; i-- {
		d := l.kept[i]
		if !asked(d) {
			continue
		}
		changed := *d
		change(&changed)
		l.kept[i] = &changed
		if l.named[nameOf(d)] == d {
			l.named[nameOf(d)] = &changed
		}
		l.details += details(&changed) - details(d)
		l.bound()
		return
	}
}

// bound drops what there is no room for.
func (l *Log) bound() {
	for len(l.kept)-l.oldest > maxDecisions || l.details > maxDetails && len(l.kept)-l.oldest > 1 {
		l.dropOldest()
	}
	if l.oldest > maxDecisions {
		l.kept, l.oldest = slices.Clone(l.kept[l.oldest:]), 0
	}
}

func (l *Log) dropOldest() {
	d := l.kept[l.oldest]
	l.kept[l.oldest] = nil
	l.oldest++
	l.details -= details(d)
	if l.named[nameOf(d)] == d { // not of another pod that has had the name since
		delete(l.named, nameOf(d))
	}
	of := l.attempt[d.PodUID]
	if of.held--; of.held == 0 {
		delete(l.attempt, d.PodUID)
	}
}

func nameOf(d *decisionv1.SchedulingDecision) types.NamespacedName {
	return types.NamespacedName{Namespace: d.Namespace, Name: d.Name}
}

func details(d *decisionv1.SchedulingDecision) int {
	n := 0
	for _, r := range d.Rejections {
		n += 1 + len(r.Nodes)
	}
	for _, c := range d.Candidates {
		n += 1 + len(c.Scores)
	}
	if d.Preemption != nil {
		n += len(d.Preemption.Victims)
	}
	return n
}

// Get returns a decision, which must not be changed.
func (l *Log) Get(namespace, name string) (*decisionv1.SchedulingDecision, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if d := l.named[types.NamespacedName{Namespace: namespace, Name: name}]; d != nil {
		return d, nil
	}
	return nil, apierrors.NewNotFound(decisionv1.SchemeGroupVersion.WithResource(resource).GroupResource(), name)
}

// List returns those of a namespace, of all if it is empty, that a filter wants, by pod and in the order in which they were made. They must not be changed.
func (l *Log) List(namespace string, wants func(*decisionv1.SchedulingDecision) bool) []*decisionv1.SchedulingDecision {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found []*decisionv1.SchedulingDecision
	for _, d := range l.kept[l.oldest:] {
		if (namespace == "" || d.Namespace == namespace) && wants(d) {
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, func(a, b *decisionv1.SchedulingDecision) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Pod, b.Pod))
	})
	return found
}
