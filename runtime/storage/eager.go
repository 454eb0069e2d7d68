package storage

import (
	"context"

	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/utils/buffer"
)

const (
	// normalWaiting is for how many events that nobody has read yet a watch keeps its room, mostWaiting how many there may be.
	normalWaiting = 64
	mostWaiting   = 1 << 14
	// leastReady is how many events upstream's watches deliver at least once they are stopped, if they have them (minWatchChanSize there).
	leastReady = 10
)

// eagerly returns a watch that takes what w has as it comes, and delivers what as makes of it when it is read. A watch cache ends a watch
// whose reader is behind by more events than there were in a second when it began, or by ten, which a busy machine soon is
// (suggestedWatchChannelSize in k8s.io/apiserver/pkg/storage/cacher/watch_cache_history.go); its reader begins again, and has all that it
// has missed copied for it. That rule is for readers that are behind by mostWaiting more.
func eagerly(ctx context.Context, w watch.Interface, as func(watch.Event) watch.Event) watch.Interface {
	p := newPipe(ctx, leastReady)
	go p.run(func() {
		defer w.Stop()
		p.takeAs(w, as)
	})
	return p
}

// takeAs is copyAs, but that events which are not read yet wait.
func (p *pipe) takeAs(w watch.Interface, as func(watch.Event) watch.Event) {
	waiting := buffer.NewRing[watch.Event](buffer.RingOptions{NormalSize: normalWaiting})
	var next watch.Event
	var out chan<- watch.Event // nil while there is no next one
	for ended := false; !ended || out != nil; {
		in := w.ResultChan()
		if ended || waiting.Len() >= mostWaiting {
			in = nil
		}
		select {
		case e, ok := <-in:
			switch {
			case !ok:
				ended = true
			case out == nil:
				next, out = as(e), p.out
			default:
				waiting.WriteOne(as(e))
			}
		case out <- next:
			var more bool
			if next, more = waiting.ReadOne(); !more {
				out = nil
			}
		case <-p.ctx.Done():
			return
		}
	}
}
