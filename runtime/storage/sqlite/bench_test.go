package sqlite

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// BenchmarkPut is durable puts of 1.5 KiB, with one writer and with 32.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			_, s := open(b, filepath.Join(b.TempDir(), "data.db"))
			value := make([]byte, 1536)
			var n atomic.Int64
			var running sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for range writers {
				running.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						if _, err := put(s, fmt.Sprintf("/registry/example.com/bars/default/bar-%d", i%50000), value); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			running.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}

// BenchmarkLoad is the start over a file with 100,000 objects of 1.5 KiB.
func BenchmarkLoad(b *testing.B) {
	const n = 100_000
	path := filepath.Join(b.TempDir(), "data.db")
	l, s := open(b, path)
	value := make([]byte, 1536)
	for i := 0; i < n; i += 1000 {
		_, err := s.Update(func(t *mvcc.Txn) error {
			for j := i; j < i+1000; j++ {
				if _, err := t.Put(fmt.Sprintf("/registry/example.com/bars/default/bar-%d", j), value, 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := Open(path, 1)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Load(); err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
