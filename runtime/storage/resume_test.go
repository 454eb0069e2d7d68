package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/apis/example"
	"k8s.io/apiserver/pkg/storage"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
	"github.com/kubecraft/kubecraft/runtime/storage/sqlite"
)

// reopen opens a SQLite store with the storage of pods over it. The caller closes it.
func reopen(t *testing.T, path string, compaction time.Duration) (*Store, *stand) {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: path, Compaction: compaction})
	if err != nil {
		t.Fatal(err)
	}
	return s, newStand(t, s, cached, variant{})
}

func podKey(name string) string { return "/pods/ns/" + name }

func create(t *testing.T, s storage.Interface, name string) *example.Pod {
	t.Helper()
	out := &example.Pod{}
	if err := s.Create(t.Context(), podKey(name), &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}, out, 0); err != nil {
		t.Fatal(err)
	}
	return out
}

func annotate(t *testing.T, s storage.Interface, name, value string) *example.Pod {
	t.Helper()
	out := &example.Pod{}
	err := s.GuaranteedUpdate(t.Context(), podKey(name), out, false, nil, storage.SimpleUpdate(func(obj runtime.Object) (runtime.Object, error) {
		obj.(*example.Pod).Annotations = map[string]string{"value": value}
		return obj, nil
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func remove(t *testing.T, s storage.Interface, name string) {
	t.Helper()
	if err := s.Delete(t.Context(), podKey(name), &example.Pod{}, nil, storage.ValidateAllObjectFunc, nil, storage.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func follow(t *testing.T, s storage.Interface, from string) watch.Interface {
	t.Helper()
	w, err := s.Watch(t.Context(), "/pods/", storage.ListOptions{ResourceVersion: from, Predicate: storage.Everything, Recursive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

// next returns the next event in short: its type, name and annotation.
func next(t *testing.T, w watch.Interface) string {
	t.Helper()
	select {
	case e, ok := <-w.ResultChan():
		if !ok {
			t.Fatal("the watch has ended")
		}
		obj := e.Object
		if c, ok := obj.(runtime.CacheableObject); ok { // what the watch cache has encoded already
			obj = c.GetObject()
		}
		if pod, ok := obj.(*example.Pod); ok {
			return fmt.Sprintf("%s %s %s", e.Type, pod.Name, pod.Annotations["value"])
		}
		return fmt.Sprintf("%s %v", e.Type, apierrors.ReasonForError(apierrors.FromObject(e.Object)))
	case <-time.After(wait.ForeverTestTimeout):
		t.Fatal("no event")
	}
	return ""
}

func TestWatchResumesAfterRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	s, pods := reopen(t, path, -1)
	start := create(t, pods, "a").ResourceVersion
	middle := annotate(t, pods, "a", "1").ResourceVersion
	create(t, pods, "b")
	remove(t, pods, "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, pods = reopen(t, path, -1)
	defer func() { _ = s.Close() }()
	early, late := follow(t, pods, start), follow(t, pods, middle)
	for _, want := range []string{"MODIFIED a 1", "ADDED b ", "DELETED a 1"} {
		if got := next(t, early); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, want := range []string{"ADDED b ", "DELETED a 1"} {
		if got := next(t, late); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// What happens from now on comes from the cache, without a gap and without a repetition.
	for i := range 50 {
		annotate(t, pods, "b", strconv.Itoa(i))
	}
	for i := range 50 {
		for _, w := range []watch.Interface{early, late} {
			if got, want := next(t, w), fmt.Sprintf("MODIFIED b %d", i); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestWatchBelowCompactionExpires(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	s, pods := reopen(t, path, -1)
	first := create(t, pods, "a").ResourceVersion
	second := annotate(t, pods, "a", "1").ResourceVersion
	third := annotate(t, pods, "a", "2").ResourceVersion
	revision, err := strconv.ParseInt(second, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.mvcc.Compact(revision); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, pods = reopen(t, path, -1)
	defer func() { _ = s.Close() }()
	if got := s.mvcc.CompactRevision(); got != revision {
		t.Errorf("compacted at %d after the restart, want %d", got, revision)
	}
	if got, want := next(t, follow(t, pods, first)), "ERROR Expired"; got != want {
		t.Errorf("from %s: got %q, want %q", first, got, want)
	}
	if got, want := next(t, follow(t, pods, second)), "MODIFIED a 2"; got != want {
		t.Errorf("from %s: got %q, want %q", second, got, want)
	}
	if got, want := next(t, follow(t, pods, "99999999999999")), "ERROR Expired"; got != want {
		t.Errorf("from the future: got %q, want %q", got, want)
	}
	if out := create(t, pods, "b"); out.ResourceVersion <= third {
		t.Errorf("revision %s came after %s", out.ResourceVersion, third)
	}
}

func TestWatchResumesFromWhatTheCacheForgot(t *testing.T) {
	s := openFor(t, Options{Backend: Memory, Compaction: -1})
	pods := newStand(t, s, cached, variant{})
	start := create(t, pods, "a").ResourceVersion
	const n = 300 // the cache starts with room for 100 events, and keeps none that are older than its first list
	for i := range n {
		annotate(t, pods, "a", strconv.Itoa(i))
	}
	fresh := newStand(t, s, cached, variant{})
	w := follow(t, fresh, start)
	for i := range n {
		if got, want := next(t, w), fmt.Sprintf("MODIFIED a %d", i); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestWriteErrorsAreServerErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	file, err := sqlite.Open(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	log := &refusing{Log: file}
	o, err := Options{Path: path}.complete()
	if err != nil {
		t.Fatal(err)
	}
	s, err := openLog(o, file, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	pods := newStand(t, s, cached, variant{})
	created := create(t, pods, "a").ResourceVersion

	log.err = errors.New("the disk is full: free some space")
	err = pods.Create(t.Context(), podKey("b"), &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "b"}}, &example.Pod{}, 0)
	if want := "Internal error occurred: the change was not stored: the disk is full: free some space"; !apierrors.IsInternalError(err) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	err = pods.Delete(t.Context(), podKey("a"), &example.Pod{}, nil, storage.ValidateAllObjectFunc, nil, storage.DeleteOptions{})
	if !apierrors.IsInternalError(err) {
		t.Errorf("delete: got %v", err)
	}
	for _, version := range []string{"", created} { // the store, and the watch cache
		if err := pods.Get(t.Context(), podKey("a"), storage.GetOptions{ResourceVersion: version}, &example.Pod{}); err != nil {
			t.Errorf("reading at %q: %v", version, err)
		}
	}

	log.err = nil
	create(t, pods, "b")
}

// refusing is a log that refuses all writes while err is set.
type refusing struct {
	mvcc.Log
	err error
}

func (r *refusing) Append(b mvcc.Batch) error {
	if r.err != nil {
		return r.err
	}
	return r.Log.Append(b)
}

func TestClosedStoreSaysSo(t *testing.T) {
	s, err := Open(context.Background(), Options{Backend: Memory})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.mvcc.Update(func(*mvcc.Txn) error { return nil }); !errors.Is(err, mvcc.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]Options{
		`storage backend "paper" is unknown: use one of memory, sqlite, etcd`: {Backend: "paper"},
		`storage backend "sqlite" needs the path of its database file`:        {},
		`storage backend "etcd" needs the endpoints of the etcd servers`:      {Backend: Etcd},
	} {
		if _, err := Open(t.Context(), o); err == nil || err.Error() != want {
			t.Errorf("%+v: got %v, want %s", o, err, want)
		}
	}
}
