package mvcc

import (
	"sort"
	"sync"

	"github.com/tidwall/btree"
)

// Options are the parts of a Store that can be chosen.
type Options struct {
	// Log makes changes durable. Nil keeps them in memory only.
	Log Log
	// HistoryBytes is the size of superseded versions above which Overflow tells. Zero or less means never.
	HistoryBytes int64
}

// Store is a multi-version key-value store. Its methods may be called from any goroutine.
type Store struct {
	log Log

	// queue holds the transactions that wait for the next batch; see Update.
	queueMu sync.Mutex
	queue   []*request
	leading bool
	closed  bool

	// commitMu is held by whoever changes the store, from reading what it depends on until it is applied.
	commitMu sync.Mutex
	// crowded says that the last batch had company: commits then wait for more of it. Under commitMu.
	crowded bool

	// mu guards what follows. It is held for writing only while a durable batch is applied in memory.
	mu        sync.RWMutex
	revision  int64
	compacted int64
	// index has all keys with history, live those that are there now: counting a range of live is cheap.
	index   btree.Map[string, *entry]
	live    btree.Map[string, *entry]
	history []change // everything after compacted, in order
	// superseded is the size in bytes of the versions that only history needs.
	superseded   int64
	historyBytes int64
	overflow     chan struct{}
	leases       map[int64]*lease

	// watchersMu guards watchers among holders of mu for reading.
	watchersMu sync.Mutex
	watchers   map[*Watcher]struct{}
	done       chan struct{}

	// leftover are versions that are gone, but not yet from the log.
	leftover []Version
	// tidyMu is held by whoever takes them out of it.
	tidyMu sync.Mutex
}

// Close ends all watches and lease timers. Later writes fail with ErrClosed; reads go on.
func (s *Store) Close() {
	s.queueMu.Lock()
	closed := s.closed
	s.closed = true
	s.queueMu.Unlock()
	if closed {
		return
	}
	s.commitMu.Lock() // the batch under way finishes first
	defer s.commitMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.done)
	for _, l := range s.leases {
		l.stop()
	}
}

// Revision returns the current revision.
func (s *Store) Revision() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.revision
}

// CompactRevision returns the revision up to which history is gone, or 0 if all of it is there.
func (s *Store) CompactRevision() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.compacted
}

// HistoryBytes returns the size in bytes of the versions that are kept for history only.
func (s *Store) HistoryBytes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.superseded
}

// Overflow tells when superseded versions take more than Options.HistoryBytes: time to compact, for instance at
// RevisionWith.
func (s *Store) Overflow() <-chan struct{} { return s.overflow }

// RevisionWith returns the oldest revision whose compaction leaves at most so many bytes of superseded versions.
func (s *Store) RevisionWith(bytes int64) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	left, revision := s.superseded, s.compacted
	for _, c := range s.history {
		if left <= bytes && c.kv.ModRevision != revision {
			break
		}
		revision = c.kv.ModRevision
		left -= c.supersedes()
	}
	return revision
}

// historyAfter returns the index in history of the first change after revision.
func (s *Store) historyAfter(revision int64) int {
	return sort.Search(len(s.history), func(i int) bool { return s.history[i].kv.ModRevision > revision })
}

// InRange says whether key is in [start, end). As in etcd, an empty end means start alone and "\x00" means
// everything from start on.
func InRange(key, start, end string) bool {
	switch end {
	case "":
		return key == start
	case fromKey:
		return key >= start
	default:
		return key >= start && key < end
	}
}

const fromKey = "\x00"
