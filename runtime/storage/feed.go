package storage

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// feed is the storage that a watch cache is filled from. It can be shut before the cache is stopped: a cache that is stopped
// while more events wait than its queue holds never ends, because what would take them has ended first and what puts them
// there waits for it (k8s.io/apiserver/pkg/storage/cacher/cacher.go:896, k8s.io/apiserver/pkg/storage/cacher/cacher.go:904).
type feed struct {
	storage.Interface

	open    context.Context
	shut    context.CancelFunc
	mu      sync.Mutex // between a watch that begins and the end of all
	watches sync.WaitGroup
}

func newFeed(from storage.Interface) *feed {
	f := &feed{Interface: from}
	f.open, f.shut = context.WithCancel(context.Background())
	return f
}

// Watch implements storage.Interface.
func (f *feed) Watch(ctx context.Context, key string, opts storage.ListOptions) (watch.Interface, error) {
	f.mu.Lock()
	if f.open.Err() != nil {
		f.mu.Unlock()
		return watch.NewFake(), nil // until the cache is stopped: an error would be counted as the cache's
	}
	f.watches.Add(1)
	f.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	forget := context.AfterFunc(f.open, cancel)
	ended := sync.OnceFunc(func() {
		forget()
		cancel()
		f.watches.Done()
	})
	w, err := f.Interface.Watch(ctx, key, opts)
	if err != nil {
		ended()
		return nil, err
	}
	p := newPipe(ctx, pipeBuffer)
	shared := newSharing()
	go p.run(func() {
		defer ended()
		defer w.Stop()
		p.copyAs(w, shared.event)
	})
	return p, nil
}

// close ends the watches, and returns when the cache has taken all that was under way.
func (f *feed) close() {
	f.mu.Lock()
	f.shut()
	f.mu.Unlock()
	f.watches.Wait()
}
