package mvcc

// pruneChunk is how many changes a compaction forgets before it lets others in.
const pruneChunk = 1024

// Compact drops history: versions that were superseded at or before revision can no longer be read, nor watched.
// It fails with ErrCompacted if that is so already, and with ErrFutureRevision. With a log it returns once the
// compaction is durable.
func (s *Store) Compact(revision int64) error {
	s.commitMu.Lock()
	err := s.setCompacted(revision)
	s.commitMu.Unlock()
	if err != nil {
		return err
	}
	for {
		dropped, more := s.forget(revision)
		if err := s.discard(dropped); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// Tidy removes from the log what an interrupted compaction left there.
func (s *Store) Tidy() error {
	s.mu.Lock()
	leftover := s.leftover
	s.leftover = nil
	s.mu.Unlock()
	for len(leftover) > 0 {
		n := min(len(leftover), pruneChunk)
		if err := s.discard(leftover[:n]); err != nil {
			return err
		}
		leftover = leftover[n:]
	}
	return nil
}

func (s *Store) discard(versions []Version) error {
	if s.log == nil || len(versions) == 0 {
		return nil
	}
	if err := s.log.Discard(versions); err != nil {
		return &WriteError{err}
	}
	return nil
}

// setCompacted moves the compaction revision. The caller holds commitMu.
func (s *Store) setCompacted(revision int64) error {
	s.mu.RLock()
	current, compacted := s.revision, s.compacted
	s.mu.RUnlock()
	switch {
	case revision <= compacted:
		return ErrCompacted
	case revision > current:
		return ErrFutureRevision
	}
	if s.log != nil {
		// Stored first: after a crash nobody may be told that history is there of which a part is gone.
		if err := s.log.Compact(revision); err != nil {
			return &WriteError{err}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.compacted = revision
	return nil
}

// forget drops the oldest changes up to revision, a chunk of them, and returns the versions that went.
func (s *Store) forget(revision int64) (dropped []Version, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.historyAfter(revision)
	more = n > pruneChunk
	n = min(n, pruneChunk)
	for _, c := range s.history[:n] {
		dropped = append(dropped, s.pruneKey(string(c.kv.Key))...)
	}
	clear(s.history[:n]) // the array lives on, what it points to must not
	s.history = s.history[n:]
	if cap(s.history) > 2*len(s.history)+pruneChunk && !more {
		s.history = append([]change(nil), s.history...)
	}
	return dropped, more
}

// pruneKey drops the versions of a key that the compaction made unreadable. The caller holds mu.
func (s *Store) pruneKey(key string) []Version {
	e, ok := s.index.Get(key)
	if !ok {
		return nil
	}
	pruned := e.prune(s.compacted)
	dropped := make([]Version, len(pruned))
	for i, kv := range pruned {
		s.superseded -= size(kv)
		dropped[i] = Version{Key: kv.Key, Revision: kv.ModRevision}
	}
	if len(e.versions) == 0 {
		s.index.Delete(key)
	}
	return dropped
}
