package mvcc

import (
	"errors"
	"runtime"
)

// maxBatch bounds how many transactions are made durable together.
const maxBatch = 1024

// request is a transaction that waits for its batch.
type request struct {
	run      func(*Txn) error
	revision int64
	err      error
	// turn gets true when the batch with the request is done, false when the goroutine that waits for it is
	// to commit the next one.
	turn chan bool
}

// Update runs a transaction and returns the revision of the store after it. When Update returns, the changes
// are durable and visible. If run fails, nothing is changed and its error is returned. A *WriteError says
// that the log refused the changes. The function may run more than once, so it must not keep state
// between runs, and it must not use the store but through the Txn.
//
// Transactions that come in while others are being made durable share the next batch, and one of the
// goroutines that wait commits it: a lone writer pays for no hand-over, many writers for one sync together.
func (s *Store) Update(run func(*Txn) error) (int64, error) {
	r := &request{run: run}
	s.queueMu.Lock()
	if s.closed {
		s.queueMu.Unlock()
		return 0, ErrClosed
	}
	s.queue = append(s.queue, r)
	if s.leading {
		r.turn = make(chan bool, 1)
		s.queueMu.Unlock()
		if done := <-r.turn; done {
			return r.revision, r.err
		}
	} else {
		s.leading = true
		s.queueMu.Unlock()
	}
	s.lead()
	return r.revision, r.err
}

// lead commits the requests that wait, then hands over to one that came in meanwhile.
func (s *Store) lead() {
	s.commitMu.Lock()
	if s.crowded {
		runtime.Gosched() // the writers that the last batch released are about to queue up again
	}
	batch := s.take()
	s.crowded = len(batch) > 1
	s.commitAll(batch)
	s.commitMu.Unlock()

	for _, r := range batch[1:] {
		r.turn <- true
	}
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	if len(s.queue) == 0 {
		s.leading = false
		return
	}
	s.queue[0].turn <- false
}

// take returns the next batch. The request of the leader is always its first.
func (s *Store) take() []*request {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	batch := s.queue
	s.queue = nil
	if len(batch) > maxBatch {
		s.queue = append(s.queue, batch[maxBatch:]...)
		batch = batch[:maxBatch:maxBatch]
	}
	return batch
}

// commitAll commits a batch. If the log refuses it, each request runs alone, as if the others were not. One that is
// at fault by its size takes none with it; other refusals would only come again, each perhaps after a wait, so that
// they are for all who want something stored.
func (s *Store) commitAll(requests []*request) {
	var store func(Batch) error
	if s.log != nil {
		store = s.log.Append
	}
	err := s.commit(requests, store)
	if err == nil || len(requests) == 1 {
		return
	}
	var size *SizeError
	if !errors.As(err, &size) {
		store = func(Batch) error { return err }
	}
	for _, r := range requests {
		_ = s.commit([]*request{r}, store) // kept in r
	}
}

// commit runs requests, makes their changes durable with store unless it is nil, applies them, and wakes the watchers.
func (s *Store) commit(requests []*request, store func(Batch) error) error {
	all := &batch{}
	s.mu.RLock()
	revision := s.revision
	for i, r := range requests {
		txn := Txn{s: s, earlier: all, revision: revision + 1}
		r.err = r.run(&txn)
		if r.err == nil {
			if txn.Changed() {
				revision++
			}
			if i == 0 && len(requests) == 1 {
				all = &txn.batch
			} else {
				all.merge(&txn.batch)
			}
		}
		r.revision = revision
	}
	s.mu.RUnlock()
	if all.empty() {
		return nil
	}
	if store != nil {
		if err := store(all.forLog()); err != nil {
			for _, r := range requests {
				r.err = &WriteError{err}
			}
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish(all)
	return nil
}

// forLog returns b in the form that the log takes.
func (b *batch) forLog() Batch {
	out := Batch{Changes: make([]*KeyValue, len(b.changes))}
	for i, c := range b.changes {
		out.Changes[i] = c.kv
	}
	for _, l := range b.granted {
		out.Granted = append(out.Granted, l)
	}
	for id := range b.revoked {
		out.Revoked = append(out.Revoked, id)
	}
	return out
}

// publish applies a durable batch. The caller holds mu.
func (s *Store) publish(b *batch) {
	for id := range b.revoked {
		if l := s.leases[id]; l != nil {
			l.stop()
			delete(s.leases, id)
		}
	}
	for _, granted := range b.granted {
		l := &lease{Lease: granted, keys: map[string]struct{}{}}
		s.leases[l.ID] = l
		s.schedule(l)
	}
	for _, c := range b.changes {
		s.apply(c)
	}
	if len(b.changes) == 0 {
		return
	}
	s.revision = b.changes[len(b.changes)-1].kv.ModRevision
	if s.historyBytes > 0 && s.superseded > s.historyBytes {
		select {
		case s.overflow <- struct{}{}:
		default:
		}
	}
	s.watchersMu.Lock()
	defer s.watchersMu.Unlock()
	for w := range s.watchers {
		w.offer(b.changes)
	}
}

// apply puts one change into the indexes and the history. The caller holds mu.
func (s *Store) apply(c change) {
	key := string(c.kv.Key)
	e, ok := s.index.Get(key)
	if !ok {
		e = &entry{}
		s.index.Set(key, e)
	}
	e.versions = append(e.versions, c.kv)
	switch {
	case c.kv.Version == 0:
		s.live.Delete(key)
	case c.prev == nil:
		s.live.Set(key, e)
	}
	s.superseded += c.supersedes()
	s.history = append(s.history, c)
	s.attach(key, c)
}
