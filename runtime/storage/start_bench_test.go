package storage

import (
	"fmt"
	"path/filepath"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/apis/example"
)

// BenchmarkStart is a second start with 5,000 objects, until the watch cache has them.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "data.db")
	s, err := Open(b.Context(), Options{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	pods := newStand(b, s, cached, variant{})
	for i := range 5000 {
		name := fmt.Sprintf("pod-%d", i)
		pod := &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
		if err := pods.Create(b.Context(), podKey(name), pod, &example.Pod{}, 0); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(b.Context(), Options{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		newStand(b, s, cached, variant{}) // returns when the cache is ready
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkCreate is creates through upstream's storage and watch cache, with 32 clients.
func BenchmarkCreate(b *testing.B) {
	for _, o := range []Options{{Backend: Memory}, {Backend: SQLite}} {
		b.Run(o.Backend, func(b *testing.B) {
			o.Path = filepath.Join(b.TempDir(), "data.db")
			s := openFor(b, o)
			pods := newStand(b, s, cached, variant{})
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					name := fmt.Sprint(s.mvcc.Revision(), "-", &pb)
					pod := &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
					if err := pods.Create(b.Context(), podKey(name), pod, &example.Pod{}, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
