package storage

import (
	"context"
	"fmt"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// Watch implements storage.Interface. Upstream's watch cache knows only what happened since it was filled, and not
// even that for long, and tells those who want to go on from before that they are too late (getIntervalLocked in
// pkg/storage/cacher/watch_cache_history.go). This one asks the store first: the past is read from its history by
// upstream's own etcd3 watch, and the cache takes over where it begins to know. So a watch survives a restart, and
// "too old" is said below the compaction revision only.
//
// Whoever is slow to read is not cut off; see eagerly.
func (r *resource) Watch(ctx context.Context, key string, opts storage.ListOptions) (watch.Interface, error) {
	w, err := r.watch(ctx, key, opts)
	if err != nil {
		return nil, err
	}
	return eagerly(ctx, w, asItIs), nil
}

func (r *resource) watch(ctx context.Context, key string, opts storage.ListOptions) (watch.Interface, error) {
	from, err := r.Versioner().ParseResourceVersion(opts.ResourceVersion)
	resumes := err == nil && from > 0 && (opts.SendInitialEvents == nil || !*opts.SendInitialEvents)
	if !resumes {
		return r.Interface.Watch(ctx, key, opts)
	}
	if r.mvcc != nil && from > uint64(r.mvcc.Revision()) {
		// It can only be of another store: wait for it, and what happens until then is lost in silence.
		return failed(fmt.Sprintf("resource version %d is newer than the store: it is of another one", from)), nil
	}
	w, err := r.Interface.Watch(ctx, key, opts)
	if err != nil {
		return w, err
	}
	first, some := peek(w)
	switch {
	case !some:
		return w, nil
	case !expired(first):
		return r.follow(ctx, &first, w), nil
	}
	w.Stop()
	return r.replay(ctx, key, opts, from)
}

// peek returns an event of w if one is there already. A watch that the cache refuses has its error there.
func peek(w watch.Interface) (watch.Event, bool) {
	select {
	case e, ok := <-w.ResultChan():
		return e, ok
	default:
		return watch.Event{}, false
	}
}

// expired says whether e tells that a resource version is too old.
func expired(e watch.Event) bool {
	return e.Type == watch.Error && apierrors.IsResourceExpired(apierrors.FromObject(e.Object))
}

// replay starts a watch in the history of the store.
func (r *resource) replay(ctx context.Context, key string, opts storage.ListOptions, from uint64) (watch.Interface, error) {
	p := newPipe(ctx, pipeBuffer)
	target, err := r.raw.GetCurrentResourceVersion(p.ctx)
	if err != nil {
		p.cancel()
		return nil, err
	}
	past, err := r.past(p.ctx, key, opts, from)
	if err != nil {
		p.cancel()
		return nil, err
	}
	go p.run(func() { r.catchUp(p, key, opts, past, target) })
	return p, nil
}

// past watches the store itself, with marks of how far it is.
func (r *resource) past(ctx context.Context, key string, opts storage.ListOptions, from uint64) (watch.Interface, error) {
	opts.ResourceVersion = strconv.FormatUint(from, 10)
	opts.ProgressNotify = true
	return r.raw.Watch(ctx, key, opts)
}

// catchUp delivers what past has until it is at target, and from there on what the cache has.
func (r *resource) catchUp(p *pipe, key string, opts storage.ListOptions, past watch.Interface, target uint64) {
	for {
		at, ok := p.until(r.raw, past, target)
		past.Stop()
		if !ok {
			return
		}
		opts.ResourceVersion = strconv.FormatUint(at, 10)
		w, err := r.Interface.Watch(p.ctx, key, opts)
		if err != nil {
			return // the client goes on from where it is
		}
		first, some := peek(w)
		if !some || !expired(first) {
			if !some || p.send(first) {
				p.copy(w)
			}
			w.Stop()
			return
		}
		// So much has happened meanwhile that the cache has forgotten at.
		w.Stop()
		if target, err = r.raw.GetCurrentResourceVersion(p.ctx); err != nil {
			return
		}
		if past, err = r.past(p.ctx, key, opts, at); err != nil {
			return
		}
	}
}

// follow delivers first and then what w has.
func (r *resource) follow(ctx context.Context, first *watch.Event, w watch.Interface) watch.Interface {
	p := newPipe(ctx, pipeBuffer)
	go p.run(func() {
		defer w.Stop()
		if p.send(*first) {
			p.copy(w)
		}
	})
	return p
}

// failed is a watch that tells once that it cannot be, as upstream's cache does it.
func failed(message string) watch.Interface {
	status := apierrors.NewResourceExpired(message).Status()
	w := watch.NewFakeWithChanSize(1, false)
	w.Error(&status)
	return w
}
