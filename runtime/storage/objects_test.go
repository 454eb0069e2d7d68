package storage

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/apis/example"
)

func TestObjects(t *testing.T) {
	s, pods := reopen(t, filepath.Join(t.TempDir(), "data.db"), -1)
	defer func() { _ = s.Close() }()
	create(t, pods, "a")
	created := annotate(t, pods, "a", "1")
	create(t, pods, "b")

	if _, ok := s.Objects(schema.GroupResource{Resource: "nodes"}); ok {
		t.Error("there are objects of a resource that is not stored")
	}
	objects, ok := s.Objects(schema.GroupResource{Resource: "pods"})
	if !ok {
		t.Fatal("there are no objects of a resource that is stored")
	}
	list, err := objects.List(t.Context(), metav1.ListOptions{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if page := list.(*example.PodList); len(page.Items) != 1 || page.Continue == "" || page.Items[0].Annotations["value"] != "1" {
		t.Fatalf("a page of 1 is %+v", page)
	}
	list, err = objects.List(t.Context(), metav1.ListOptions{Limit: 1, Continue: list.(*example.PodList).Continue})
	if err != nil {
		t.Fatal(err)
	}
	if page := list.(*example.PodList); len(page.Items) != 1 || page.Items[0].Name != "b" || page.Continue != "" {
		t.Fatalf("the page after it is %+v", page)
	}

	initial := true
	w, err := objects.Watch(t.Context(), metav1.ListOptions{
		SendInitialEvents: &initial, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	}, func(object runtime.Object) (runtime.Object, error) { return object, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	// An informer is told the end of what was there by an annotated bookmark.
	for _, want := range []string{"a", "b"} {
		if e := nextEvent(t, w); e.Type != watch.Added || e.Object.(*example.Pod).Name != want {
			t.Fatalf("got %v, want pod %s", e, want)
		}
	}
	if e := nextEvent(t, w); e.Type != watch.Bookmark || e.Object.(*example.Pod).Annotations[metav1.InitialEventsAnnotationKey] != "true" {
		t.Fatalf("got %v, want the bookmark after the initial events", e)
	}

	updated := annotate(t, pods, "a", "2")
	e := nextEvent(t, w)
	if _, wrapped := e.Object.(runtime.CacheableObject); !wrapped {
		t.Error("upstream's events are not wrapped any more: Unwrap has nothing to do")
	}
	first := unwrap(t, objects, e)
	if first.ResourceVersion != updated.ResourceVersion || first.Annotations["value"] != "2" {
		t.Errorf("unwrapped: %+v", first.ObjectMeta)
	}
	// It is the cache's own, and not a copy each time.
	if second := unwrap(t, objects, e); reflect.ValueOf(first.Annotations).Pointer() != reflect.ValueOf(second.Annotations).Pointer() {
		t.Error("the object of an event is copied")
	}
	// When the cache has gone on, the event still has what it was sent with.
	annotate(t, pods, "a", "3")
	later := nextEvent(t, w)
	if old := unwrap(t, objects, e); old.ResourceVersion != updated.ResourceVersion || old.Annotations["value"] != "2" {
		t.Errorf("of an event that is past, unwrapped: %+v", old.ObjectMeta)
	}
	remove(t, pods, "a")
	gone := nextEvent(t, w)
	if last := unwrap(t, objects, gone); gone.Type != watch.Deleted || last.Annotations["value"] != "3" {
		t.Errorf("%s, unwrapped: %+v", gone.Type, last.ObjectMeta)
	}
	if got := unwrap(t, objects, later).ResourceVersion; got <= created.ResourceVersion {
		t.Errorf("a later event has version %s, from before %s", got, created.ResourceVersion)
	}
}

func unwrap(t *testing.T, objects Objects, e watch.Event) *example.Pod {
	t.Helper()
	object, err := objects.Unwrap(t.Context(), e.Object, &example.Pod{})
	if err != nil {
		t.Fatal(err)
	}
	return object.(*example.Pod)
}

func nextEvent(t *testing.T, w watch.Interface) watch.Event {
	t.Helper()
	select {
	case e, ok := <-w.ResultChan():
		if !ok {
			t.Fatal("the watch has ended")
		}
		return e
	case <-time.After(wait.ForeverTestTimeout):
		t.Fatal("no event")
	}
	return watch.Event{}
}
