package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// events returns all that happened from a revision on.
func events(t *testing.T, s *mvcc.Store, from int64) []string {
	t.Helper()
	w := s.Watch("\x00", "\x00", mvcc.WatchOptions{From: from, Progress: true})
	defer w.Stop()
	var out []string
	for {
		r, err := w.Next(t.Context())
		if err != nil {
			return append(out, err.Error())
		}
		if len(r.Events) == 0 {
			return out
		}
		for _, e := range r.Events {
			out = append(out, fmt.Sprintf("%d %s=%s v%d was %s", e.KV.ModRevision, e.KV.Key, e.KV.Value, e.KV.Version, e.Prev.GetValue()))
		}
	}
}

func TestHistorySurvivesRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, s := open(t, path)
	id, err := s.Grant(0, 3600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Update(func(t *mvcc.Txn) error { // several keys in one revision
		for _, key := range []string{"a", "b", "c"} {
			if _, err := t.Put(key, []byte("1"), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "a", "2")
	if _, err := s.Update(func(t *mvcc.Txn) error { t.Delete("b"); return nil }); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "b", "3")
	want, revision := events(t, s, 2), s.Revision()
	if len(want) != 6 {
		t.Fatalf("events: %q", want)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l, s = open(t, path)
	if got := events(t, s, 2); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if s.Revision() != revision {
		t.Errorf("at %d, want %d", s.Revision(), revision)
	}
	status, err := s.LeaseStatus(id)
	if err != nil || status.TTL != 3600 || !slices.Equal(status.Keys, []string{"c"}) {
		t.Errorf("lease: %+v, %v", status, err)
	}
	if err := s.Revoke(id); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(s.Revision()); err != nil {
		t.Fatal(err)
	}
	revision = s.Revision()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l, s = open(t, path)
	if got := s.Leases(); len(got) != 0 {
		t.Errorf("leases: %v", got)
	}
	if got := events(t, s, 2); !slices.Equal(got, []string{mvcc.ErrCompacted.Error()}) {
		t.Errorf("below the compaction: %q", got)
	}
	if rows, err := l.number("SELECT count(*) FROM versions"); err != nil || rows != 2 {
		t.Errorf("%d rows are left, want 2 (%v)", rows, err)
	}
	if got := mustPut(t, s, "d", "4"); got != revision+1 {
		t.Errorf("revision %d came after %d", got, revision)
	}
}

func TestInterruptedCompactionIsFinished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, s := open(t, path)
	for i := range 10 {
		mustPut(t, s, "a", fmt.Sprint(i))
	}
	if err := l.Compact(s.Revision()); err != nil { // and then the power went out
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, s = open(t, path)
	if err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
	if rows, err := l.number("SELECT count(*) FROM versions"); err != nil || rows != 1 {
		t.Errorf("%d rows are left, want 1 (%v)", rows, err)
	}
}

func TestLargeBatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, s := open(t, path)
	const n = 3*maxRows + 7
	_, err := s.Update(func(t *mvcc.Txn) error {
		for i := range n {
			if _, err := t.Put(fmt.Sprintf("key%04d", i), []byte{}, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	if r, err := s.Range("\x00", "\x00", mvcc.RangeOptions{CountOnly: true}); err != nil || r.Count != n || r.Revision != 2 {
		t.Errorf("%d keys at %d, want %d at 2 (%v)", r.Count, r.Revision, n, err)
	}
}

// TestLargeFileIsReadWhole is about a file that several connections read, its revisions far apart in places.
func TestLargeFileIsReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, s := open(t, path)
	for round := range 5 {
		_, err := s.Update(func(t *mvcc.Txn) error { // many keys in one revision
			for i := range 500 {
				if _, err := t.Put(fmt.Sprintf("key%d", i), fmt.Appendf(make([]byte, 1<<10), "%d-%d", i, round), 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 * round {
			mustPut(t, s, "busy", fmt.Sprint(i))
		}
	}
	pages, err := l.number("PRAGMA page_count")
	if err != nil || pages < 2*pagesPerReader {
		t.Fatalf("%d pages are read on one connection, %v", pages, err)
	}
	want, revision := events(t, s, 2), s.Revision()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, s = open(t, path)
	if got := events(t, s, 2); !slices.Equal(got, want) || s.Revision() != revision {
		t.Errorf("%d events up to revision %d, want %d up to %d", len(got), s.Revision(), len(want), revision)
	}
	mustPut(t, s, "more", "1")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, s = open(t, path); s.Revision() != revision+1 {
		t.Errorf("revision %d after one more change, want %d", s.Revision(), revision+1)
	}
}

func TestMarks(t *testing.T) {
	l, _ := open(t, filepath.Join(t.TempDir(), "data.db"))
	at := time.UnixMilli(1_800_000_000_000)
	for _, revision := range []int64{5, 7, 7, 9} {
		if err := l.Mark(mvcc.Mark{Revision: revision, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Forget(5); err != nil {
		t.Fatal(err)
	}
	marks, err := l.Marks()
	if want := []mvcc.Mark{{Revision: 7, At: at}, {Revision: 9, At: at}}; err != nil || !slices.Equal(marks, want) {
		t.Errorf("got %v, %v, want %v", marks, err, want)
	}
}
