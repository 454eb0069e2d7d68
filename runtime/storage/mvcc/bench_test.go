package mvcc

import (
	"fmt"
	"sync"
	"testing"
)

func filled(b *testing.B, n int) *Store {
	s := newStore(b, nil)
	value := make([]byte, 1536)
	update(b, s, func(t *Txn) error {
		for i := range n {
			if _, err := t.Put(fmt.Sprintf("/registry/example.com/bars/default/bar-%06d", i), value, 0); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

// BenchmarkPut is puts in memory.
func BenchmarkPut(b *testing.B) {
	s := filled(b, 0)
	value := make([]byte, 1536)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			_, err := s.Update(func(t *Txn) error {
				_, err := t.Put(fmt.Sprintf("/registry/example.com/bars/default/bar-%06d", i%50000), value, 0)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRange is a page of 500 out of 100,000 keys, with the count of all; now, and pinned to the past.
func BenchmarkRange(b *testing.B) {
	s := filled(b, 100_000)
	past := s.Revision()
	for i := range 1000 {
		put(b, s, fmt.Sprintf("/registry/example.com/bars/default/bar-%06d", i*7), "x")
	}
	for name, revision := range map[string]int64{"now": 0, "pinned": past} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := s.Range("/registry/", "/registry0", RangeOptions{Limit: 500, Revision: revision})
				if err != nil || len(r.KVs) != 500 || r.Count != 100_000 {
					b.Fatal(len(r.KVs), r.Count, err)
				}
			}
		})
	}
}

// BenchmarkWatch is puts that 100 watchers get, until all have them.
func BenchmarkWatch(b *testing.B) {
	s := newStore(b, nil)
	var readers sync.WaitGroup
	for range 100 {
		w := s.Watch("k", "l", WatchOptions{})
		readers.Go(func() {
			defer w.Stop()
			for seen := 0; seen < b.N; {
				r, err := w.Next(b.Context())
				if err != nil {
					b.Error(err)
					return
				}
				seen += len(r.Events)
			}
		})
	}
	for range b.N {
		put(b, s, "k", "")
	}
	readers.Wait()
}
