package mvcc

// pruneChunk is how many changes a compaction forgets before it lets others in.
const pruneChunk = 1024

// Compact drops history: versions that were superseded at or before revision can no longer be read, nor watched.
// It fails with ErrCompacted if that is so already, and with ErrFutureRevision. With a log it returns once the
// compaction is durable; a *WriteError may also say that it is, but that Tidy is to be called again.
func (s *Store) Compact(revision int64) error {
	s.commitMu.Lock()
	err := s.setCompacted(revision)
	s.commitMu.Unlock()
	if err != nil {
		return err
	}
	for s.forget(revision) {
	}
	return s.Tidy()
}

// Tidy removes from the log what compactions left there, because they were interrupted or the log refused it.
func (s *Store) Tidy() error {
	s.tidyMu.Lock()
	defer s.tidyMu.Unlock()
	for {
		s.mu.RLock()
		chunk := s.leftover[:min(len(s.leftover), pruneChunk)]
		s.mu.RUnlock()
		if len(chunk) == 0 {
			return nil
		}
		if s.log != nil {
			if err := s.log.Discard(chunk); err != nil {
				return &WriteError{err}
			}
		}
		s.mu.Lock()
		s.leftover = s.leftover[len(chunk):]
		if len(s.leftover) == 0 {
			s.leftover = nil // with its array
		}
		s.mu.Unlock()
	}
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

// forget drops the oldest changes up to revision, a chunk of them, and says whether there are more.
func (s *Store) forget(revision int64) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.historyAfter(revision)
	more = n > pruneChunk
	n = min(n, pruneChunk)
	for _, c := range s.history[:n] {
		s.leftover = append(s.leftover, s.pruneKey(string(c.kv.Key))...)
	}
	clear(s.history[:n]) // the array lives on, what it points to must not
	s.history = s.history[n:]
	if cap(s.history) > 2*len(s.history)+pruneChunk && !more {
		s.history = append([]change(nil), s.history...)
	}
	return more
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
