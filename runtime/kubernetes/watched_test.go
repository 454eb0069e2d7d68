package kubernetes_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// watched is a resource with its informer, what the informer has told, and what writers were told.
type watched struct {
	resource schema.GroupVersionResource
	object   string
	informer cache.SharedIndexInformer

	mu           sync.Mutex
	seen         []change
	acknowledged []change // a deletion's version is not told: 0
}

// OnAdd implements cache.ResourceEventHandler.
func (w *watched) OnAdd(object any, _ bool) { w.see(object, false) }

// OnUpdate implements cache.ResourceEventHandler.
func (w *watched) OnUpdate(old, object any) {
	if versionOf(old) != versionOf(object) {
		w.see(object, false)
	}
}

// OnDelete implements cache.ResourceEventHandler.
func (w *watched) OnDelete(object any) { w.see(object, true) }

func (w *watched) see(object any, deleted bool) {
	// Of what is found gone when an informer lists again there is no version: it was not seen.
	if _, ok := object.(cache.DeletedFinalStateUnknown); ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, change{versionOf(object), nameOf(object), deleted})
}

// awaitNews waits until the informer has told of something after a version: it watches again. A watch that ends
// before it has had anything, in its first second, makes client-go list.
func (w *watched) awaitNews(after int64) {
	// After many failures client-go tries again only every 30 seconds.
	for begin := time.Now(); w.lastSeen() <= after && time.Since(begin) < 3*patience; {
		time.Sleep(10 * time.Millisecond)
	}
}

func (w *watched) lastSeen() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		return 0
	}
	return w.seen[len(w.seen)-1].version
}

// write creates, changes and deletes objects one after the other until ctx ends. Of a write that fails nobody knows
// whether it was done: the next one is of another object.
func (w *watched) write(ctx context.Context, c *cluster, namespace string, writer int) {
	objects := c.objects.Resource(w.resource).Namespace(namespace)
	note := func(made *unstructured.Unstructured, name string, err error) bool {
		if err != nil {
			time.Sleep(5 * time.Millisecond) // nobody is there
			return false
		}
		done := change{name: name, deleted: made == nil}
		if made != nil {
			done.version = versionOf(made)
		}
		w.mu.Lock()
		w.acknowledged = append(w.acknowledged, done)
		w.mu.Unlock()
		return true
	}
	// A request that has been sent is waited for: what a stop cuts off would be of no use.
	working := context.WithoutCancel(ctx)
	for i := 0; ctx.Err() == nil; i++ {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON([]byte(w.object)); err != nil {
			panic(err)
		}
		name := fmt.Sprintf("w%d-%d", writer, i)
		object.SetName(name)
		made, err := objects.Create(working, object, metav1.CreateOptions{})
		if !note(made, name, err) {
			continue
		}
		made.SetLabels(map[string]string{"changed": "yes"})
		if made, err = objects.Update(working, made, metav1.UpdateOptions{}); !note(made, name, err) || i%2 == 0 {
			continue
		}
		note(nil, name, objects.Delete(working, name, metav1.DeleteOptions{}))
	}
}

// compare holds what the informer has told, and what writers were told, against what happened.
func (w *watched) compare(t *testing.T, after int64, happened []change) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := slices.DeleteFunc(slices.Clone(w.seen), func(c change) bool { return c.version <= after })
	if !slices.Equal(seen, happened) {
		for i := range max(len(seen), len(happened)) {
			if i >= len(seen) || i >= len(happened) || seen[i] != happened[i] {
				t.Errorf("%s: of %d changes the informer has seen %d; from number %d on it saw %v, there were %v", w.resource.Resource, len(happened), len(seen), i,
					seen[min(i, len(seen)):min(i+3, len(seen))], happened[min(i, len(happened)):min(i+3, len(happened))])
				break
			}
		}
	}
	for _, a := range w.acknowledged {
		if !slices.ContainsFunc(happened, func(h change) bool {
			return h.name == a.name && h.deleted == a.deleted && (a.deleted || h.version == a.version)
		}) {
			t.Errorf("%s: a write was acknowledged and is lost: %+v", w.resource.Resource, a)
		}
	}
}

// compareStore holds what the informer keeps against a list.
func (w *watched) compareStore(c *cluster, namespace string) {
	c.t.Helper()
	list, err := c.objects.Resource(w.resource).Namespace(namespace).List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	there := map[string]int64{}
	for _, object := range list.Items {
		there[object.GetName()] = versionOf(&object)
	}
	c.eventually(w.resource.Resource+" are kept as they are listed", func() bool {
		kept := w.informer.GetStore().List()
		return len(kept) == len(there) && !slices.ContainsFunc(kept, func(o any) bool { return there[nameOf(o)] != versionOf(o) })
	})
}
