package decision

import (
	"fmt"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

func about(pod string) *decisionv1.SchedulingDecision {
	return &decisionv1.SchedulingDecision{ObjectMeta: metav1.ObjectMeta{Namespace: "play"}, Pod: pod, PodUID: types.UID("uid-" + pod)}
}

// withNames is a decision of n details.
func withNames(pod string, n int) *decisionv1.SchedulingDecision {
	d := about(pod)
	d.Rejections = []decisionv1.Rejection{{Nodes: make([]string, n-1)}}
	return d
}

func everything(*decisionv1.SchedulingDecision) bool { return true }

func TestLogNumbersTheAttemptsOfAPod(t *testing.T) {
	l := NewLog()
	for _, pod := range []string{"b", "a", "b", "b"} {
		l.Add(about(pod))
	}
	var names []string
	for _, d := range l.List("play", everything) {
		names = append(names, fmt.Sprintf("%s %d %s", d.Name, d.Attempt, d.UID))
	}
	if want := []string{"a.1 1 uid-a.1", "b.1 1 uid-b.1", "b.2 2 uid-b.2", "b.3 3 uid-b.3"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	if d, err := l.Get("play", "b.2"); err != nil || d.Attempt != 2 {
		t.Errorf("b.2: %v, %v", d, err)
	}
	for _, of := range []types.NamespacedName{{Namespace: "play", Name: "b.4"}, {Namespace: "other", Name: "b.2"}} {
		if _, err := l.Get(of.Namespace, of.Name); !apierrors.IsNotFound(err) {
			t.Errorf("%s: %v, not NotFound", of, err)
		}
	}
	if found := l.List("other", everything); len(found) != 0 {
		t.Errorf("another namespace has %v", found)
	}
	if found := l.List("", func(d *decisionv1.SchedulingDecision) bool { return d.Pod == "a" }); len(found) != 1 {
		t.Errorf("of a there are %d in all namespaces, not 1", len(found))
	}
}

func TestLogDropsTheOldest(t *testing.T) {
	l := NewLog()
	const added = 3*maxDecisions + 7 // what is dropped is let go of on the way
	for i := range added {
		l.Add(about(fmt.Sprintf("pod-%d", i)))
	}
	if found := l.List("", everything); len(found) != maxDecisions {
		t.Errorf("%d are held, not %d", len(found), maxDecisions)
	}
	if _, err := l.Get("play", fmt.Sprintf("pod-%d.1", added-maxDecisions)); err != nil {
		t.Errorf("the oldest that there is room for: %v", err)
	}
	if d, err := l.Get("play", fmt.Sprintf("pod-%d.1", added-maxDecisions-1)); err == nil {
		t.Errorf("%s is held, with no room for it", d.Name)
	}
	if len(l.named) != maxDecisions || len(l.attempt) != maxDecisions || len(l.kept) > 2*maxDecisions+1 {
		t.Errorf("names %d, pods %d, and %d places: something is never let go of", len(l.named), len(l.attempt), len(l.kept))
	}
}

func TestLogIsBoundByDetailsToo(t *testing.T) {
	l := NewLog()
	l.Add(withNames("first", maxDetails/2))
	l.Add(withNames("second", maxDetails/2))
	if found := l.List("", everything); len(found) != 2 || l.details != maxDetails {
		t.Fatalf("%d are held with %d details, not 2 with %d", len(found), l.details, maxDetails)
	}
	l.Add(withNames("third", 1))
	if _, err := l.Get("play", "first.1"); err == nil {
		t.Error("the first is held, with no room for its details")
	}
	l.Add(withNames("huge", 2*maxDetails)) // held alone: the last is always told
	if found := l.List("", everything); len(found) != 1 || found[0].Pod != "huge" || l.details != 2*maxDetails {
		t.Errorf("held are %v with %d details", found, l.details)
	}
}

// A pod that is gone may have had the name.
func TestLogOfTwoPodsOfOneName(t *testing.T) {
	l := NewLog()
	l.Add(about("web"))
	again := about("web")
	again.PodUID = "another"
	l.Add(again)
	if d, err := l.Get("play", "web.1"); err != nil || d.PodUID != "another" {
		t.Errorf("web.1 is of %v (%v), not of the pod that has the name now", d, err)
	}
	for i := range maxDecisions - 1 { // drops the first
		l.Add(about(fmt.Sprintf("pod-%d", i)))
	}
	if d, err := l.Get("play", "web.1"); err != nil || d.PodUID != "another" {
		t.Errorf("web.1 went with the earlier pod of the name: %v, %v", d, err)
	}
}

func TestLogUndoesADecision(t *testing.T) {
	l := NewLog()
	first := about("web")
	first.Result, first.Node = decisionv1.Scheduled, "node-1"
	l.Add(first)
	l.Add(about("web"))
	l.Undo(first, decisionv1.Failed, "", "nobody binds it")
	d, err := l.Get("play", "web.1")
	if err != nil || d.Result != decisionv1.Failed || d.Node != "node-1" || d.Message != "nobody binds it" {
		t.Errorf("web.1: %+v, %v", d, err)
	}
	if first.Result != decisionv1.Scheduled {
		t.Error("what was read before has changed")
	}
	if found := l.List("", everything); len(found) != 2 || found[0] != d || found[1].Message != "" {
		t.Errorf("listed are %+v", found)
	}
	for range maxDecisions {
		l.Add(about("other"))
	}
	l.Undo(first, decisionv1.Failed, "", "again") // which is no longer held
	if found := l.List("", func(d *decisionv1.SchedulingDecision) bool { return d.Message != "" }); len(found) != 0 {
		t.Errorf("changed are %+v", found)
	}
}

func TestLogAddsVictims(t *testing.T) {
	l := NewLog()
	made := about("high")
	made.Preemption = &decisionv1.Preemption{}
	l.Add(made)
	l.Add(about("high"))
	read := l.List("", everything)
	l.AddVictim("uid-high", "play/low")
	l.AddVictim("uid-high", "play/lower")
	l.AddVictim("uid-nobody", "play/other")
	if len(read[0].Preemption.Victims) != 0 {
		t.Error("what was read before has changed")
	}
	d, err := l.Get("play", "high.1")
	if err != nil || !slices.Equal(d.Preemption.Victims, []string{"play/low", "play/lower"}) {
		t.Errorf("high.1: %+v, %v", d, err)
	}
	if found := l.List("", everything); found[0] != d || found[1].Preemption != nil {
		t.Errorf("listed are %+v", found)
	}
	if l.details != 2 {
		t.Errorf("%d details, not 2", l.details)
	}
}
