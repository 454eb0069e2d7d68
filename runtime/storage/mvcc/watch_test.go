package mvcc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestWatchReplaysThenFollowsWithoutGaps(t *testing.T) {
	s := newStore(t, nil)
	const n = 20000
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for i := range n / 4 {
				put(t, s, fmt.Sprintf("k%d", i%100), "")
				if i%1000 == 0 {
					s.RequestProgress()
				}
			}
		})
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			w := s.Watch("k", "l", WatchOptions{From: 2, Progress: true})
			defer w.Stop()
			for at := int64(1); at < n+1; {
				r, err := w.Next(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if len(r.Events) == 0 && r.Revision > at {
					t.Errorf("told to be at %d after %d", r.Revision, at)
					return
				}
				for _, e := range r.Events {
					if e.KV.ModRevision != at+1 {
						t.Errorf("revision %d came after %d", e.KV.ModRevision, at)
						return
					}
					at++
					if e.KV.Version > 1 && (e.Prev == nil || e.Prev.Version != e.KV.Version-1) {
						t.Errorf("revision %d has a wrong value before it", at)
						return
					}
				}
			}
		})
	}
	writers.Wait()
	readers.Wait()
}

func TestSlowWatcherFallsBackToHistory(t *testing.T) {
	s := newStore(t, nil)
	w := s.Watch("k", "", WatchOptions{Progress: true})
	const n = 2 * maxQueued
	for range n {
		put(t, s, "k", "")
	}
	if w.following {
		t.Fatal("all of it is queued")
	}
	s.RequestProgress()
	seen := 0
	for {
		r, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Events) == 0 {
			if seen != n || r.Revision != n+1 {
				t.Errorf("progress to %d after %d events", r.Revision, seen)
			}
			break
		}
		seen += len(r.Events)
	}
	if put(t, s, "k", ""); !w.following {
		t.Error("it has caught up but does not follow")
	}
}

func TestWatchOfCompactedHistory(t *testing.T) {
	s := newStore(t, nil)
	for range 10 {
		put(t, s, "k", "")
	}
	if err := s.Compact(5); err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{1, 5} {
		if _, err := s.Watch("k", "", WatchOptions{From: from}).Next(t.Context()); !errors.Is(err, ErrCompacted) {
			t.Errorf("from %d: %v", from, err)
		}
	}
	r, err := s.Watch("k", "", WatchOptions{From: 6}).Next(t.Context())
	if err != nil || len(r.Events) != 6 || r.Events[0].Prev == nil {
		t.Errorf("from 6: %d events, %v", len(r.Events), err)
	}
	for revision, want := range map[int64]error{3: ErrCompacted, 5: ErrCompacted, 99: ErrFutureRevision} {
		if err := s.Compact(revision); !errors.Is(err, want) {
			t.Errorf("compacting at %d: %v, want %v", revision, err, want)
		}
	}
}

func TestWatchEnds(t *testing.T) {
	s := newStore(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Watch("k", "", WatchOptions{}).Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w := s.Watch("k", "", WatchOptions{})
	s.Close()
	if _, err := w.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPromptTellsOnlyWhatIsNew(t *testing.T) {
	s := newStore(t, nil)
	w := s.Watch("k", "", WatchOptions{Progress: true})
	put(t, s, "k", "")
	s.Prompt("", fromKey)
	put(t, s, "other", "")
	s.Prompt("", fromKey)
	s.Prompt("", fromKey)
	var got []string
	for range 2 {
		r, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(len(r.Events), " ", r.Revision))
	}
	if fmt.Sprint(got) != "[1 0 0 3]" || len(w.queue) != 0 {
		t.Errorf("got %v, and %d more", got, len(w.queue))
	}
}
