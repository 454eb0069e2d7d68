package mvcc

import (
	"context"
	"iter"
	"sync"
)

const (
	// maxQueued is how many changes wait for a watcher before it has to read them from history instead.
	maxQueued = 8192
	// maxScanned is how many changes of history a watcher reads at a time.
	maxScanned = 4096
	// maxChunk is the most events in a chunk, those of one revision apart.
	maxChunk = 500
)

// Event is what happened to a key. A KV with a Version of zero is a deletion.
type Event struct {
	KV *KeyValue
	// Prev is the version before, nil if there was none.
	Prev *KeyValue
}

// WatchResponse is a step of a watch.
type WatchResponse struct {
	// Events are in order; those of one revision are never split.
	Events []Event
	// Revision says, if there are no events, that everything up to it has been delivered.
	Revision int64
}

// Chunks are the events, a limited number at a time, so that readers start on a long history before all of it is made into
// something else. Those of one revision stay together.
func (r WatchResponse) Chunks() iter.Seq[[]Event] {
	return func(yield func([]Event) bool) {
		for events := r.Events; len(events) > 0; {
			n := min(len(events), maxChunk)
			for n < len(events) && events[n].KV.ModRevision == events[n-1].KV.ModRevision {
				n++
			}
			if !yield(events[:n:n]) {
				return
			}
			events = events[n:]
		}
	}
}

// WatchOptions say what a watch delivers.
type WatchOptions struct {
	// From is the first revision to deliver; zero means from now on.
	From int64
	// Progress asks for responses without events whenever RequestProgress is called.
	Progress bool
}

// Watcher delivers the changes of a range of keys, in order and without gaps. It is used by one goroutine.
type Watcher struct {
	s          *Store
	start, end string
	progress   bool

	mu sync.Mutex
	// queue holds what is to be delivered while following. A progress mark has no kv, only a revision.
	queue []queued
	// following says that changes are offered to the queue. If not, those from next on are read from history.
	following bool
	next      int64
	// queuedTo is the revision of what was queued last.
	queuedTo int64
	// wanted says that a progress mark is due once the watcher follows.
	wanted bool
	wake   chan struct{}
}

type queued struct {
	change
	progress int64
}

// Watch starts to watch [start, end); see InRange for the special ends. That From is compacted is for Next to say.
func (s *Store) Watch(start, end string, o WatchOptions) *Watcher {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := &Watcher{s: s, start: start, end: end, progress: o.Progress, next: o.From, wake: make(chan struct{}, 1)}
	if w.next == 0 {
		w.next = s.revision + 1
	}
	if w.next > s.revision {
		w.follow()
	} else {
		w.wanted = o.Progress // it is worth to know when the past is over
	}
	return w
}

// Stop ends the watch.
func (w *Watcher) Stop() {
	w.s.watchersMu.Lock()
	defer w.s.watchersMu.Unlock()
	delete(w.s.watchers, w)
}

// RequestProgress makes all watchers that asked for it deliver how far they are, after all that happened before.
func (s *Store) RequestProgress() { s.markAll("", fromKey, false) }

// Prompt is RequestProgress for those alone that watch a part of [start, end) and would not get to the current
// revision otherwise.
func (s *Store) Prompt(start, end string) { s.markAll(start, end, true) }

func (s *Store) markAll(start, end string, behind bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.watchersMu.Lock()
	defer s.watchersMu.Unlock()
	for w := range s.watchers {
		if w.progress && InRange(w.start, start, end) {
			w.mark(s.revision, behind)
		}
	}
}

// follow makes commits offer their changes to w. The caller holds s.mu, so nothing falls between.
func (w *Watcher) follow() {
	w.s.watchersMu.Lock()
	w.s.watchers[w] = struct{}{}
	w.s.watchersMu.Unlock()

	w.mu.Lock()
	defer w.mu.Unlock()
	w.following = true
	if w.wanted {
		w.wanted = false
		w.queuedTo = w.s.revision
		w.queue = append(w.queue, queued{progress: w.queuedTo})
	}
}

// mark queues a progress mark; if behind is set, only if something lower was queued last.
func (w *Watcher) mark(revision int64, behind bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.following {
		w.wanted = true
		return
	}
	if behind && w.queuedTo == revision {
		return
	}
	w.queuedTo = revision
	if n := len(w.queue); n > 0 && w.queue[n-1].progress > 0 {
		w.queue[n-1].progress = revision
	} else {
		w.queue = append(w.queue, queued{progress: revision})
	}
	w.signal()
}

// offer queues the changes that w watches, or makes w fall back to history if too many wait already.
func (w *Watcher) offer(changes []change) {
	first := 0
	for first < len(changes) && !w.wants(changes[first]) {
		first++
	}
	if first == len(changes) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.following {
		return
	}
	if len(w.queue) >= maxQueued {
		w.following = false
		w.next = max(w.next, changes[0].kv.ModRevision)
		return
	}
	for _, c := range changes[first:] {
		if w.wants(c) {
			w.queue = append(w.queue, queued{change: c})
			w.queuedTo = c.kv.ModRevision
		}
	}
	w.signal()
}

func (w *Watcher) wants(c change) bool {
	return c.kv.ModRevision >= w.next && InRange(string(c.kv.Key), w.start, w.end)
}

func (w *Watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Next returns what comes next, and waits for it. It fails with ErrCompacted if history that was still to
// be delivered is gone, with ErrClosed, or with the error of ctx.
func (w *Watcher) Next(ctx context.Context) (WatchResponse, error) {
	for {
		response, following := w.dequeue()
		if len(response.Events) > 0 || response.Revision > 0 {
			return response, nil
		}
		if !following {
			response, err := w.replay()
			if err != nil || len(response.Events) > 0 {
				return response, err
			}
			if err := ctx.Err(); err != nil {
				return WatchResponse{}, err
			}
			continue
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return WatchResponse{}, ctx.Err()
		case <-w.s.done:
			return WatchResponse{}, ErrClosed
		}
	}
}

// dequeue takes a run of events, or one progress mark, out of the queue.
func (w *Watcher) dequeue() (r WatchResponse, following bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.queue) && w.queue[n].progress == 0 {
		n++
	}
	if n == 0 && len(w.queue) > 0 {
		r.Revision = w.queue[0].progress
		n = 1
	} else if n > 0 {
		r.Events = make([]Event, n)
		for i, q := range w.queue[:n] {
			r.Events[i] = Event{KV: q.kv, Prev: q.prev}
		}
	}
	rest := copy(w.queue, w.queue[n:])
	clear(w.queue[rest:])
	w.queue = w.queue[:rest]
	if rest == 0 && cap(w.queue) > maxScanned {
		w.queue = nil
	}
	return r, w.following
}

// replay reads the next changes from history. At the end of it the watcher follows.
func (w *Watcher) replay() (WatchResponse, error) {
	s := w.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w.next <= s.compacted {
		return WatchResponse{}, ErrCompacted
	}
	var r WatchResponse
	history := s.history[s.historyAfter(w.next-1):]
	scanned := 0
	for i, c := range history {
		if i >= maxScanned && c.kv.ModRevision != history[i-1].kv.ModRevision {
			break
		}
		if InRange(string(c.kv.Key), w.start, w.end) {
			r.Events = append(r.Events, Event{KV: c.kv, Prev: c.prev})
		}
		w.next = c.kv.ModRevision + 1
		scanned++
	}
	if scanned == len(history) {
		w.follow()
	}
	return r, nil
}
