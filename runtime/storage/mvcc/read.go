package mvcc

import "sort"

// chunk is how many keys a range reads before it lets writers in.
const chunk = 2048

// checkRevision says whether the store can be read at revision. The caller holds mu.
func (s *Store) checkRevision(revision int64) error {
	switch {
	case revision > s.revision:
		return ErrFutureRevision
	case revision < s.compacted:
		return ErrCompacted
	}
	return nil
}

// latest returns the newest version of a key, which may be a deletion, or nil. The caller holds mu.
func (s *Store) latest(key string) *KeyValue {
	e, ok := s.index.Get(key)
	if !ok {
		return nil
	}
	return e.last()
}

// Get returns a key as it was at revision, or nil if it was not there; a revision of zero means now. It also
// returns the current revision of the store. It fails with ErrCompacted or ErrFutureRevision.
func (s *Store) Get(key string, revision int64) (*KeyValue, int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if revision == 0 {
		revision = s.revision
	}
	if err := s.checkRevision(revision); err != nil {
		return nil, s.revision, err
	}
	e, ok := s.index.Get(key)
	if !ok {
		return nil, s.revision, nil
	}
	return e.at(revision), s.revision, nil
}

// RangeOptions say what Range returns.
type RangeOptions struct {
	// Revision to read at; zero means now.
	Revision int64
	// Limit is the most keys to return; zero means all.
	Limit int64
	// CountOnly returns no keys, only how many there are.
	CountOnly bool
}

// RangeResult is what Range returns.
type RangeResult struct {
	// KVs are in the order of their keys.
	KVs []*KeyValue
	// Count is the number of keys in the whole range, whatever the limit.
	Count int64
	// Revision is the current revision of the store.
	Revision int64
}

// Range returns the keys in [start, end); see InRange for the special ends. A long range lets writers in between
// but shows one revision. It fails with ErrCompacted or ErrFutureRevision.
func (s *Store) Range(start, end string, o RangeOptions) (RangeResult, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, at := RangeResult{Revision: s.revision}, o.Revision
	if at == 0 {
		at = s.revision
	}
	if err := s.checkRevision(at); err != nil {
		return r, err
	}
	r.Count = s.count(start, end, at)
	if o.CountOnly || r.Count == 0 {
		return r, nil
	}
	want := r.Count
	if o.Limit > 0 {
		want = min(want, o.Limit)
	}
	r.KVs = make([]*KeyValue, 0, want)
	for next := start; int64(len(r.KVs)) < want; {
		had := len(r.KVs)
		r.KVs = s.scan(r.KVs, next, end, at, int(min(want-int64(had), chunk)))
		if len(r.KVs) == had || int64(len(r.KVs)) == want {
			break
		}
		next = string(r.KVs[len(r.KVs)-1].Key) + "\x00"
		s.mu.RUnlock()
		s.mu.RLock()
		if err := s.checkRevision(at); err != nil {
			if o.Revision == 0 { // compacted meanwhile, though the caller asked for now
				r.KVs = s.scan(r.KVs[:0], start, end, s.revision, 0)
				r.Revision = s.revision
				r.Count = int64(len(r.KVs))
				if o.Limit > 0 && r.Count > o.Limit {
					r.KVs = r.KVs[:o.Limit]
				}
				return r, nil
			}
			return r, err
		}
	}
	return r, nil
}

// scan appends to kvs the keys in [start, end) as they were at revision, up to limit of them unless it is
// zero. The caller holds mu.
func (s *Store) scan(kvs []*KeyValue, start, end string, revision int64, limit int) []*KeyValue {
	if end == "" {
		if e, ok := s.index.Get(start); ok {
			if kv := e.at(revision); kv != nil {
				kvs = append(kvs, kv)
			}
		}
		return kvs
	}
	tree := &s.index
	if revision == s.revision {
		tree = &s.live
	}
	had := len(kvs)
	tree.Ascend(start, func(key string, e *entry) bool {
		if end != fromKey && key >= end {
			return false
		}
		if kv := e.at(revision); kv != nil {
			kvs = append(kvs, kv)
		}
		return limit == 0 || len(kvs)-had < limit
	})
	return kvs
}

// rank returns how many live keys are below key. The caller holds mu.
func (s *Store) rank(key string) int {
	return sort.Search(s.live.Len(), func(i int) bool {
		k, _, _ := s.live.GetAt(i)
		return k >= key
	})
}

// count returns how many keys in [start, end) were there at revision. The caller holds mu.
func (s *Store) count(start, end string, revision int64) int64 {
	if end == "" {
		return int64(len(s.scan(nil, start, end, revision, 1)))
	}
	if end != fromKey && end <= start {
		return 0
	}
	to := s.live.Len()
	if end != fromKey {
		to = s.rank(end)
	}
	n := int64(to - s.rank(start))
	if revision == s.revision {
		return n
	}
	// What has happened in the range since then, taken back.
	seen := map[string]struct{}{}
	for _, c := range s.history[s.historyAfter(revision):] {
		if !InRange(string(c.kv.Key), start, end) {
			continue
		}
		if _, ok := seen[string(c.kv.Key)]; ok {
			continue
		}
		seen[string(c.kv.Key)] = struct{}{}
		if c.prev != nil {
			n++
		}
		if s.latest(string(c.kv.Key)).Version != 0 {
			n--
		}
	}
	return n
}
