package mvcc

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// memoryLog is a log that refuses what it is told to.
type memoryLog struct {
	mu      sync.Mutex
	batches []Batch
	refuse  func(Batch) error
	last    atomic.Int64
	appends int

	cannotDiscard error
	discarded     []Version
}

func (l *memoryLog) setRefuse(f func(Batch) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = f
}

func (l *memoryLog) Append(b Batch) error {
	l.mu.Lock()
	l.appends++
	refuse := l.refuse
	l.mu.Unlock()
	if refuse != nil {
		if err := refuse(b); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches = append(l.batches, b)
	for _, kv := range b.Changes {
		l.last.Store(kv.ModRevision)
	}
	return nil
}

func (l *memoryLog) Compact(int64) error { return nil }

func (l *memoryLog) Discard(versions []Version) error {
	if l.cannotDiscard == nil {
		l.discarded = append(l.discarded, versions...)
	}
	return l.cannotDiscard
}

func TestRefusedWriteChangesNothing(t *testing.T) {
	full := errors.New("full")
	log := &memoryLog{}
	s := newStore(t, log)
	put(t, s, "a", "1")
	log.refuse = func(Batch) error { return full }
	_, err := s.Update(func(txn *Txn) error { _, err := txn.Put("a", []byte("2"), 0); return err })
	var refused *WriteError
	if !errors.As(err, &refused) || !errors.Is(err, full) {
		t.Fatalf("got %v", err)
	}
	if kv, revision, err := s.Get("a", 0); err != nil || string(kv.Value) != "1" || revision != 2 {
		t.Errorf("got %v at %d, %v", kv, revision, err)
	}
	log.refuse = nil
	if got := put(t, s, "a", "3"); got != 3 {
		t.Errorf("revision %d, want 3", got)
	}
}

func TestOneBadWriteTakesNoneWithIt(t *testing.T) {
	log := &memoryLog{refuse: func(b Batch) error {
		for _, kv := range b.Changes {
			if string(kv.Key) == "bad" {
				return &SizeError{errors.New("too large")}
			}
		}
		return nil
	}}
	s := newStore(t, log)
	var writers sync.WaitGroup
	var failed atomic.Int64
	for i := range 64 {
		writers.Go(func() {
			for j := range 50 {
				key := fmt.Sprintf("%d-%d", i, j)
				if i%8 == 0 {
					key = "bad"
				}
				revision, err := s.Update(func(txn *Txn) error { _, err := txn.Put(key, nil, 0); return err })
				switch {
				case err != nil:
					failed.Add(1)
				case key == "bad":
					t.Error("a refused write was acknowledged")
				case log.last.Load() < revision:
					t.Errorf("revision %d was acknowledged before it was durable", revision)
				}
			}
		})
	}
	writers.Wait()
	r, err := s.Range("\x00", fromKey, RangeOptions{CountOnly: true})
	if err != nil || r.Count != 56*50 || failed.Load() != 8*50 {
		t.Errorf("%d keys, %d failures, %v", r.Count, failed.Load(), err)
	}
	// What the log has is what the store has: no revision twice, none left out.
	next := int64(1)
	for _, b := range log.batches {
		for _, kv := range b.Changes {
			if next++; kv.ModRevision != next {
				t.Fatalf("revision %d in the log, want %d", kv.ModRevision, next)
			}
		}
	}
}

// queueUp starts n transactions that wait behind one under way, and returns what lets them go on and then waits for
// all of them.
func queueUp(t *testing.T, s *Store, log *memoryLog, n int, run func(i int, txn *Txn) error, done func(i int, err error)) (release func()) {
	t.Helper()
	underWay, written := make(chan struct{}), make(chan struct{})
	log.setRefuse(func(Batch) error { close(underWay); <-written; return nil })
	var writers sync.WaitGroup
	writers.Go(func() { put(t, s, "first", "") })
	<-underWay
	for i := range n {
		writers.Go(func() {
			_, err := s.Update(func(txn *Txn) error { return run(i, txn) })
			done(i, err)
		})
	}
	for queued := 0; queued < n; {
		runtime.Gosched()
		s.queueMu.Lock()
		queued = len(s.queue)
		s.queueMu.Unlock()
	}
	return func() { close(written); writers.Wait() }
}

func TestRefusedBatchIsTriedOnce(t *testing.T) {
	log := &memoryLog{}
	s := newStore(t, log)
	busy := errors.New("busy")
	const n = 20
	release := queueUp(t, s, log, n, func(i int, txn *Txn) error {
		if i == 0 {
			txn.Get("first") // which no log can refuse
			return nil
		}
		_, err := txn.Put(fmt.Sprint(i), nil, 0)
		return err
	}, func(i int, err error) {
		if want := i != 0; errors.Is(err, busy) != want {
			t.Errorf("%d: got %v", i, err)
		}
	})
	log.setRefuse(func(Batch) error { return busy })
	release()
	if log.appends != 2 {
		t.Errorf("the log was asked %d times, want once for the first and once for all of the others", log.appends)
	}
	log.setRefuse(nil)
	put(t, s, "last", "")
	if r, err := s.Range("\x00", fromKey, RangeOptions{}); err != nil || fmt.Sprint(keys(r.KVs)) != "[first= last=]" {
		t.Errorf("got %v, %v", keys(r.KVs), err)
	}
}

func TestBatchWithoutRoomIsTakenApart(t *testing.T) {
	log := &memoryLog{}
	s := newStore(t, log)
	release := queueUp(t, s, log, 20, func(i int, txn *Txn) error {
		_, err := txn.Put(fmt.Sprint(i), nil, 0)
		return err
	}, func(i int, err error) {
		if refused := err != nil; refused != (i == 7) {
			t.Errorf("%d: got %v", i, err)
		}
	})
	log.setRefuse(func(b Batch) error {
		for _, kv := range b.Changes {
			if string(kv.Key) == "7" {
				return &SizeError{errors.New("too large")}
			}
		}
		return nil
	})
	release()
}
