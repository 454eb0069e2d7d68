package mvcc

import (
	"errors"
	"fmt"
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
}

func (l *memoryLog) Append(b Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		if err := l.refuse(b); err != nil {
			return err
		}
	}
	l.batches = append(l.batches, b)
	for _, kv := range b.Changes {
		l.last.Store(kv.ModRevision)
	}
	return nil
}

func (l *memoryLog) Compact(int64) error     { return nil }
func (l *memoryLog) Discard([]Version) error { return nil }

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
				return errors.New("too large")
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
	next := int64(firstRevision)
	for _, b := range log.batches {
		for _, kv := range b.Changes {
			if next++; kv.ModRevision != next {
				t.Fatalf("revision %d in the log, want %d", kv.ModRevision, next)
			}
		}
	}
}
