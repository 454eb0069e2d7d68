package storage

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apiserver/pkg/storage/etcd3"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
	"github.com/kubecraft/kubecraft/runtime/storage/sqlite"
)

// Store is an open store of objects.
type Store struct {
	client    *kubernetes.Client
	compactor etcd3.Compactor
	// mvcc is nil if the data is in etcd servers.
	mvcc *mvcc.Store
	// path is the database file; empty if there is none.
	path string
	// stop ends what runs beside the store; closers run in order.
	stop    context.CancelFunc
	running sync.WaitGroup
	closers []func() error
	strings *interned

	mu        sync.Mutex
	closed    bool
	resources map[*resource]struct{}
	prefixes  map[string]struct{} // of the keys of all resources whose storage has been made
}

// Open opens the store that o describes. An error is one line that says what is wrong and what to do: an unknown
// backend, a file that is damaged, of another program, from a newer kubecraft, in use by another server or not
// writable, etcd servers that do not answer.
func Open(ctx context.Context, o Options) (*Store, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	switch o.Backend {
	case Etcd:
		return openEtcd(ctx, o)
	case Memory:
		store := mvcc.NewBuilder(o.first, o.first-1).Open(mvcc.Options{HistoryBytes: o.HistoryBytes})
		return inProcess(store, newCompaction(o, store)), nil
	}
	log, err := sqlite.Open(o.Path, o.first)
	if err != nil {
		return nil, err
	}
	return openLog(o, log, log)
}

// openLog loads what file holds into memory. Changes go through log, which is file but in tests of its faults.
func openLog(o Options, file *sqlite.Log, log mvcc.Log) (*Store, error) {
	b, err := file.Load()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	marks, err := file.Marks()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	store := b.Open(mvcc.Options{Log: log, HistoryBytes: o.HistoryBytes})
	c := newCompaction(o, store)
	c.log, c.marks = file, marks
	s := inProcess(store, c)
	s.path = o.Path
	s.closers = append(s.closers, file.Close)
	return s, nil
}

// firstRevision returns the revision that a new store starts at: milliseconds since 2026. A client may hold a
// resource version of a store that is gone, from before its data was reset or, in memory, its process ended.
// Revisions that go on over all of these let the new store know it for expired, where a count that starts
// anew would come to it a second time and skip the changes up to there in silence.
func firstRevision(now time.Time) int64 {
	return max(now.Sub(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)).Milliseconds(), 1)
}

// Client returns the etcd client that the store is reached through.
func (s *Store) Client() *kubernetes.Client { return s.client }

// MVCC returns the store in this process, nil if the data is in etcd servers.
func (s *Store) MVCC() *mvcc.Store { return s.mvcc }

// Size returns how many bytes the database file and its log take; without one, what superseded versions do.
func (s *Store) Size() (int64, error) {
	if s.path == "" {
		if s.mvcc == nil {
			return 0, nil
		}
		return s.mvcc.HistoryBytes(), nil
	}
	file, err := os.Stat(s.path)
	if err != nil {
		return 0, err
	}
	size := file.Size()
	if log, err := os.Stat(s.path + "-wal"); err == nil {
		size += log.Size()
	}
	return size, nil
}

// Endpoints returns the client URLs of the etcd servers, none if the store is in this process.
func (s *Store) Endpoints() []string { return s.client.Endpoints() }

// WaitReady returns when every watch cache made by Decorator so far has caught up with the store.
func (s *Store) WaitReady(ctx context.Context) error {
	s.mu.Lock()
	waiting := make([]*resource, 0, len(s.resources))
	for r := range s.resources {
		waiting = append(waiting, r)
	}
	s.mu.Unlock()
	for _, r := range waiting {
		if err := r.cache.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close stops the watch caches, flushes what is written and releases the store. It may be called more than once.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	resources := s.resources
	s.resources = nil
	s.mu.Unlock()

	s.stop()
	s.running.Wait()
	for r := range resources {
		r.destroy()
	}
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}
