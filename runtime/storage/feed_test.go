package storage

import (
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/apis/example"
)

// A cache that is stopped while more is written than it gets done ends all the same.
func TestCachesEndUnderLoad(t *testing.T) {
	t.Parallel()
	const patience = 20 * time.Second // of what takes milliseconds
	for round := range 30 {
		s := openFor(t, Options{Backend: Memory, Compaction: -1})
		pods := newStand(t, s, cached, variant{})
		for range 4 {
			follow(t, pods, "0") // and does not read: what hands out events waits for it
		}
		var writers sync.WaitGroup
		for w := range 32 {
			writers.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("w%d-%d", w, i)
					object := &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
					if pods.Create(t.Context(), podKey(name), object, nil, 0) != nil {
						return // it is closed
					}
				}
			})
		}
		time.Sleep(time.Duration(round) * 5 * time.Millisecond)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for r := range s.resources {
				r.destroy()
			}
		}()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("the cache does not end")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		writers.Wait()
	}
}
