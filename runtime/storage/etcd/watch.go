package etcd

import (
	"context"
	"errors"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// watcher is the watch part of the client.
type watcher struct {
	store *mvcc.Store
}

var _ clientv3.Watcher = watcher{}

// watchBuffer is how many responses wait for the reader of a watch; what follows waits in the store.
const watchBuffer = 16

// Watch implements clientv3.Watcher.
func (w watcher) Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan {
	op := clientv3.OpGet(key, opts...)
	watch := w.store.Watch(key, string(op.RangeBytes()), mvcc.WatchOptions{From: op.Rev(), Progress: op.IsProgressNotify()})
	out := make(chan clientv3.WatchResponse, watchBuffer)
	f := follower{store: w.store, watch: watch, out: out, prev: op.IsPrevKV(), noPut: op.IsFilterPut(), noDelete: op.IsFilterDelete()}
	go func() {
		defer close(out)
		defer watch.Stop()
		if op.IsCreatedNotify() && !f.send(ctx, clientv3.WatchResponse{Header: Header(w.store.Revision()), Created: true}) {
			return
		}
		f.run(ctx)
	}()
	return out
}

// RequestProgress implements clientv3.Watcher.
func (w watcher) RequestProgress(ctx context.Context) error {
	w.store.RequestProgress()
	return ctx.Err()
}

// Close implements clientv3.Watcher. Watches end with their contexts, or with the store.
func (watcher) Close() error { return nil }

// follower turns what a watch of the store delivers into the responses of an etcd client.
type follower struct {
	store                 *mvcc.Store
	watch                 *mvcc.Watcher
	out                   chan<- clientv3.WatchResponse
	prev, noPut, noDelete bool
}

func (f *follower) run(ctx context.Context) {
	for {
		next, err := f.watch.Next(ctx)
		switch {
		case errors.Is(err, mvcc.ErrCompacted):
			f.send(ctx, clientv3.WatchResponse{Header: Header(f.store.Revision()), CompactRevision: f.store.CompactRevision(), Canceled: true})
			return
		case err != nil:
			return
		case len(next.Events) == 0:
			if !f.send(ctx, clientv3.WatchResponse{Header: Header(next.Revision)}) {
				return
			}
		default:
			if !f.deliver(ctx, next) {
				return
			}
		}
	}
}

// deliver sends events.
func (f *follower) deliver(ctx context.Context, next mvcc.WatchResponse) bool {
	for events := range next.Chunks() {
		response := clientv3.WatchResponse{Header: Header(events[len(events)-1].KV.ModRevision)}
		response.Events = make([]*clientv3.Event, 0, len(events))
		converted := make([]clientv3.Event, len(events))
		for i, e := range events {
			deleted := e.KV.Version == 0
			if deleted && f.noDelete || !deleted && f.noPut {
				continue
			}
			c := &converted[i]
			c.Kv = e.KV
			if deleted {
				c.Type = clientv3.EventTypeDelete
			}
			if f.prev {
				c.PrevKv = e.Prev
			}
			response.Events = append(response.Events, c)
		}
		if len(response.Events) > 0 && !f.send(ctx, response) {
			return false
		}
	}
	return true
}

func (f *follower) send(ctx context.Context, r clientv3.WatchResponse) bool {
	select {
	case f.out <- r:
		return true
	case <-ctx.Done():
		return false
	}
}
