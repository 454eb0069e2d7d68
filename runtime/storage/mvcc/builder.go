package mvcc

// Builder fills a store with what its log holds.
type Builder struct {
	s *Store
}

// NewBuilder starts a store at a revision, with history up to compacted gone.
func NewBuilder(revision, compacted int64) *Builder {
	return &Builder{s: &Store{
		revision:  revision,
		compacted: compacted,
		leases:    map[int64]*lease{},
		watchers:  map[*Watcher]struct{}{},
		done:      make(chan struct{}),
		overflow:  make(chan struct{}, 1),
	}}
}

// Lease adds a lease.
func (b *Builder) Lease(l Lease) {
	b.s.leases[l.ID] = &lease{Lease: l, keys: map[string]struct{}{}}
}

// Add adds a version. Versions must come in the order of their revisions, leases before them.
func (b *Builder) Add(kv *KeyValue) {
	s := b.s
	if kv.ModRevision > s.revision {
		s.revision = kv.ModRevision
	}
	prev := s.latest(string(kv.Key))
	if prev != nil && prev.Version == 0 {
		prev = nil
	}
	s.apply(change{kv, prev})
	if kv.ModRevision > s.compacted {
		return
	}
	// History up to the compaction revision is gone, even if its rows are still in the log.
	s.history = s.history[:0]
	s.leftover = append(s.leftover, s.pruneKey(string(kv.Key))...)
}

// Open returns the store. The builder must not be used after that.
func (b *Builder) Open(o Options) *Store {
	s := b.s
	s.log, s.historyBytes = o.Log, o.HistoryBytes
	s.mu.Lock() // a lease may end at once
	defer s.mu.Unlock()
	for _, l := range s.leases {
		s.schedule(l)
	}
	return s
}
