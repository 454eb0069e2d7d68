package storage

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The backends that Options.Backend can name.
const (
	// Memory forgets everything when the process ends.
	Memory = "memory"
	// SQLite keeps the data in one file.
	SQLite = "sqlite"
	// Etcd keeps the data in etcd servers, which are started and kept by someone else.
	Etcd = "etcd"
)

// DefaultCompaction is how long superseded versions are kept when Options.Compaction is zero:
// what kube-apiserver's --etcd-compaction-interval defaults to.
const DefaultCompaction = 5 * time.Minute

// Options says where the objects live.
type Options struct {
	// Backend is Memory, SQLite or Etcd. Empty means SQLite.
	Backend string
	// Path is the database file of the SQLite backend. Its folder is made if missing.
	Path string
	// Endpoints are the client URLs of the Etcd backend.
	Endpoints []string
	// Compaction is how long superseded versions of objects are kept, so that watches and paginated
	// lists can resume from them. Zero means DefaultCompaction; negative keeps all of them.
	Compaction time.Duration
	// HistoryBytes bounds the size of the superseded versions that are kept: above it, the older half is
	// dropped at once, before its time. Zero means 256 MiB; negative means no bound.
	HistoryBytes int64

	// first is the revision that a new store starts at. Zero means firstRevision of now.
	first int64
}

const defaultHistoryBytes = 256 << 20

// complete fills in the defaults and reports what is wrong with o.
func (o Options) complete() (Options, error) {
	if o.Backend == "" {
		o.Backend = SQLite
	}
	backends := []string{Memory, SQLite, Etcd}
	if !slices.Contains(backends, o.Backend) {
		return o, fmt.Errorf("storage backend %q is unknown: use one of %s", o.Backend, strings.Join(backends, ", "))
	}
	if o.Backend == SQLite && o.Path == "" {
		return o, fmt.Errorf("storage backend %q needs the path of its database file", o.Backend)
	}
	if o.Backend == Etcd && len(o.Endpoints) == 0 {
		return o, fmt.Errorf("storage backend %q needs the endpoints of the etcd servers", o.Backend)
	}
	if o.Compaction == 0 {
		o.Compaction = DefaultCompaction
	}
	if o.HistoryBytes == 0 {
		o.HistoryBytes = defaultHistoryBytes
	}
	if o.first == 0 {
		o.first = firstRevision(time.Now())
	}
	return o, nil
}
