package storage

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"
)

// pipeBuffer is how many events wait for the reader of a pipe, as many as upstream's etcd3 watch holds.
const pipeBuffer = 100

// askInterval is how often etcd is asked how far a watch is: as often as upstream's cache does it.
const askInterval = 100 * time.Millisecond

// pipe is a watch that takes its events from others.
type pipe struct {
	ctx    context.Context
	cancel context.CancelFunc
	out    chan watch.Event
}

func newPipe(ctx context.Context, buffer int) *pipe {
	ctx, cancel := context.WithCancel(ctx)
	return &pipe{ctx: ctx, cancel: cancel, out: make(chan watch.Event, buffer)}
}

// ResultChan implements watch.Interface.
func (p *pipe) ResultChan() <-chan watch.Event { return p.out }

// Stop implements watch.Interface.
func (p *pipe) Stop() { p.cancel() }

// run ends the pipe when f has returned.
func (p *pipe) run(f func()) {
	defer close(p.out)
	defer p.cancel()
	f()
}

// send delivers an event. It returns false if nobody wants it any more.
func (p *pipe) send(e watch.Event) bool {
	select {
	case p.out <- e:
		return true
	case <-p.ctx.Done():
		return false
	}
}

// copy delivers what w has, until it ends.
func (p *pipe) copy(w watch.Interface) { p.copyAs(w, asItIs) }

func asItIs(e watch.Event) watch.Event { return e }

// copyAs delivers what as makes of what w has, until it ends.
func (p *pipe) copyAs(w watch.Interface, as func(watch.Event) watch.Event) {
	for {
		select {
		case e, ok := <-w.ResultChan():
			if !ok || !p.send(as(e)) {
				return
			}
		case <-p.ctx.Done():
			return
		}
	}
}

// until delivers what w has, until a bookmark says that it has got to target. It returns how far it is then, or
// false if w ended before that. The bookmarks are not delivered: they are those of the store, and the cache sends
// its own to the clients that want some. A store in this process sends one when the past is over; etcd is asked.
func (p *pipe) until(raw storage.Interface, w watch.Interface, target uint64) (uint64, bool) {
	ask := time.NewTicker(askInterval)
	defer ask.Stop()
	for {
		select {
		case e, ok := <-w.ResultChan():
			if !ok {
				return 0, false
			}
			if e.Type != watch.Bookmark {
				if !p.send(e) {
					return 0, false
				}
				continue
			}
			if at, err := raw.Versioner().ObjectResourceVersion(e.Object); err == nil && at >= target {
				return at, true
			}
		case <-ask.C:
			if err := raw.RequestWatchProgress(p.ctx); err != nil {
				return 0, false
			}
		case <-p.ctx.Done():
			return 0, false
		}
	}
}
