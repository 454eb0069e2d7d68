package storage

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
	"github.com/kubecraft/kubecraft/runtime/storage/sqlite"
)

// faulty is a log in a file that refuses, while err is set, all that compaction wants of it.
type faulty struct {
	*sqlite.Log
	err       error
	discarded int
}

func (f *faulty) Compact(revision int64) error {
	if f.err != nil {
		return f.err
	}
	return f.Log.Compact(revision)
}

func (f *faulty) Discard(versions []mvcc.Version) error {
	if f.err != nil {
		return f.err
	}
	f.discarded += len(versions)
	return f.Log.Discard(versions)
}

func (f *faulty) Mark(m mvcc.Mark) error {
	if f.err != nil {
		return f.err
	}
	return f.Log.Mark(m)
}

func (f *faulty) Forget(revision int64) error {
	if f.err != nil {
		return f.err
	}
	return f.Log.Forget(revision)
}

// compacting opens the file at path with a compaction over it that runs when the test says so.
func compacting(t *testing.T, path string, keep time.Duration) (*compaction, *faulty) {
	t.Helper()
	file, err := sqlite.Open(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	b, err := file.Load()
	if err != nil {
		t.Fatal(err)
	}
	log := &faulty{Log: file}
	store := b.Open(mvcc.Options{Log: log})
	t.Cleanup(store.Close)
	c := newCompaction(Options{Compaction: keep}, store)
	c.log = log
	if c.marks, err = file.Marks(); err != nil {
		t.Fatal(err)
	}
	return c, log
}

func put(t *testing.T, s *mvcc.Store, key string, size int) int64 {
	t.Helper()
	revision, err := s.Update(func(t *mvcc.Txn) error {
		_, err := t.Put(key, make([]byte, size), 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func tick(t *testing.T, c *compaction, at time.Time) {
	t.Helper()
	if err := c.tick(at); err != nil {
		t.Fatal(err)
	}
}

func TestHistoryIsCompactedByAgeOverRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	start := time.Now().Add(-24 * time.Hour)
	c, log := compacting(t, path, time.Hour)
	first := put(t, c.store, "key", 1)
	tick(t, c, start)
	second := put(t, c.store, "key", 1)
	tick(t, c, start.Add(30*time.Minute))
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}

	c, _ = compacting(t, path, time.Hour) // after a night
	started := c.clock()()
	tick(t, c, started)
	if got := c.store.CompactRevision(); got >= first {
		t.Errorf("compacted at %d: the time that no server ran counts", got)
	}
	tick(t, c, started.Add(31*time.Minute))
	if got := c.store.CompactRevision(); got != first {
		t.Errorf("compacted at %d, want %d: it ran for more than an hour since then", got, first)
	}
	tick(t, c, started.Add(61*time.Minute))
	if got := c.store.CompactRevision(); got != second {
		t.Errorf("compacted at %d, want %d", got, second)
	}
}

// late is a log with a write after its first mark.
type late struct {
	markLog
	write func()
}

func (l *late) Mark(m mvcc.Mark) error {
	write := l.write
	l.write = func() {}
	defer write()
	return l.markLog.Mark(m)
}

func TestEndOfRunIsNoted(t *testing.T) {
	c, log := compacting(t, filepath.Join(t.TempDir(), "data.db"), time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	put(t, c.store, "key", 1)
	var last int64
	c.log = &late{markLog: log, write: func() { last = put(t, c.store, "key", 1) }}
	c.run(ctx)
	marks, err := log.Marks()
	if n := len(marks); err != nil || n == 0 || marks[n-1].Revision != last {
		t.Errorf("got %v, %v, want a mark of %d", marks, err, last)
	}
}

func TestRefusedCompactionIsFinishedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	c, log := compacting(t, path, time.Hour)
	start := time.Now()
	full := errors.New("full")
	refused := func(at time.Time) {
		t.Helper()
		log.err = full
		if err := c.tick(at); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
		log.err = nil
	}
	for range 10 {
		put(t, c.store, "key", 1)
	}
	last := c.store.Revision()
	refused(start)
	tick(t, c, start)
	if marks, err := log.Marks(); err != nil || len(marks) != 1 || marks[0].Revision != last {
		t.Errorf("marks: %v, %v", marks, err)
	}
	refused(start.Add(time.Hour))
	if got := c.store.CompactRevision(); got == last {
		t.Error("compacted, though the log knows nothing of it")
	}
	// The revision gets through, the rest does not.
	c.store.Close()
	if err := log.Compact(last); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	c, log = compacting(t, path, time.Hour)
	refused(start)
	tick(t, c, start)
	if marks, err := log.Marks(); err != nil || len(marks) != 0 {
		t.Errorf("marks: %v, %v", marks, err)
	}
	if got := c.store.CompactRevision(); got != last || log.discarded != 9 {
		t.Errorf("compacted at %d, want %d; %d versions were discarded, want 9", got, last, log.discarded)
	}
}

// TestBurstIsCompactedBySize writes faster than compaction looks at ages.
func TestBurstIsCompactedBySize(t *testing.T) {
	const limit = 1 << 20
	s := openFor(t, Options{Path: filepath.Join(t.TempDir(), "data.db"), Compaction: time.Hour, HistoryBytes: limit})
	ctx, cancel := context.WithTimeout(t.Context(), wait.ForeverTestTimeout)
	defer cancel()
	pods := newStand(t, s, cached, variant{})
	watching := follow(t, pods, create(t, pods, "a").ResourceVersion)
	first := s.mvcc.CompactRevision()
	for i := 0; s.mvcc.CompactRevision() == first || i < 300; i++ {
		if ctx.Err() != nil {
			t.Fatalf("%d bytes of history are kept, %d allowed", s.mvcc.HistoryBytes(), limit)
		}
		put(t, s.mvcc, "key", 10_000)
		annotate(t, pods, "a", strconv.Itoa(i))
		if got, want := next(t, watching), "MODIFIED a "+strconv.Itoa(i); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestHalfOfTheHistoryGoesBySize(t *testing.T) {
	store := mvcc.NewBuilder(1, 0).Open(mvcc.Options{})
	t.Cleanup(store.Close)
	const limit = 100_000
	c := newCompaction(Options{Compaction: -1, HistoryBytes: limit}, store)
	var sizes []int64
	for range 300 {
		put(t, store, "key", 1000)
		tick(t, c, time.Now())
		sizes = append(sizes, store.HistoryBytes())
	}
	if most := slices.Max(sizes); most > limit || most < limit*9/10 {
		t.Errorf("up to %d bytes of history are kept, want %d", most, limit)
	}
	if c.tick(time.Now()); store.HistoryBytes() < limit*4/10 {
		t.Errorf("%d bytes of history are left, want about half of %d", store.HistoryBytes(), limit)
	}
}
