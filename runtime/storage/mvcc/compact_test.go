package mvcc

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestRevisionWithIsTheOldestThatWillDo(t *testing.T) {
	full := func() *Store {
		random := rand.New(rand.NewPCG(3, 4))
		s := newStore(t, nil)
		for range 300 {
			update(t, s, func(txn *Txn) error {
				for range 1 + random.IntN(3) {
					key := fmt.Sprint(random.IntN(20))
					if random.IntN(4) == 0 {
						txn.Delete(key)
					} else if _, err := txn.Put(key, make([]byte, random.IntN(1000)), 0); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return s
	}
	all := full().HistoryBytes()
	for _, bytes := range []int64{0, 1, 1000, all / 3, all / 2, all - 1} {
		revision := full().RevisionWith(bytes)
		for at, enough := range map[int64]bool{revision - 1: false, revision: true} {
			s := full()
			if err := s.Compact(at); err != nil {
				t.Fatal(err)
			}
			if got := s.HistoryBytes(); got <= bytes != enough {
				t.Errorf("compacted at %d, %d bytes of history are left: %d allowed, and %d is the oldest revision that should do", at, got, bytes, revision)
			}
		}
	}
	for _, bytes := range []int64{all, all + 1} {
		if s := full(); s.RevisionWith(bytes) != s.CompactRevision() {
			t.Errorf("%d bytes of %d are too much", all, bytes)
		}
	}
}

func TestOverflowTells(t *testing.T) {
	s := NewBuilder(1, 0).Open(Options{HistoryBytes: 10_000})
	t.Cleanup(s.Close)
	value := string(make([]byte, 1000))
	for s.HistoryBytes() <= 10_000 {
		select {
		case <-s.Overflow():
			t.Fatalf("%d bytes are too much", s.HistoryBytes())
		default:
		}
		put(t, s, "k", value)
	}
	select {
	case <-s.Overflow():
	default:
		t.Errorf("%d bytes are not too much", s.HistoryBytes())
	}
}

func TestCompactionSparesWatchersThatFollow(t *testing.T) {
	s := newStore(t, nil)
	w := s.Watch("k", "", WatchOptions{})
	const n = 100
	for range n {
		put(t, s, "k", "")
	}
	if err := s.Compact(s.Revision()); err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", "")
	for version := int64(1); version <= n+1; {
		r, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Events {
			if e.KV.Version != version || version > 1 && e.Prev.GetVersion() != version-1 {
				t.Fatalf("got %v after %v, want version %d", e.KV, e.Prev, version)
			}
			version++
		}
	}
}

func TestRefusedDiscardIsDoneLater(t *testing.T) {
	log := &memoryLog{cannotDiscard: errors.New("busy")}
	s := newStore(t, log)
	const n = 2*pruneChunk + 10
	for range n {
		put(t, s, "k", "")
	}
	var refused *WriteError
	if err := s.Compact(s.Revision()); !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if s.HistoryBytes() != 0 || s.CompactRevision() != s.Revision() {
		t.Errorf("%d bytes of history are left, compacted at %d of %d", s.HistoryBytes(), s.CompactRevision(), s.Revision())
	}
	if err := s.Tidy(); !errors.As(err, &refused) {
		t.Fatalf("again: got %v", err)
	}
	log.cannotDiscard = nil
	for range 2 {
		if err := s.Tidy(); err != nil {
			t.Fatal(err)
		}
	}
	if len(log.discarded) != n-1 {
		t.Fatalf("%d versions were discarded, want %d", len(log.discarded), n-1)
	}
	for i, v := range log.discarded {
		if v.Revision != int64(i+2) {
			t.Fatalf("version %d discarded is of revision %d", i, v.Revision)
		}
	}
}
