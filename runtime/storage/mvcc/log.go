package mvcc

import (
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
)

// KeyValue is one version of a key. It never changes once it is in the store, so readers share it.
// A Version of zero means that the key was deleted in ModRevision.
type KeyValue = mvccpb.KeyValue

// Log makes the changes of a store durable. The store calls it from one goroutine at a time, except for
// Discard, which may run beside the others.
type Log interface {
	// Append stores a batch, all of it or nothing. It returns once the batch would survive a power cut. A *SizeError
	// makes the store try the parts of the batch.
	Append(Batch) error
	// Compact stores, durably, that history up to and including revision is gone, apart from the versions
	// that are the newest of their keys.
	Compact(revision int64) error
	// Discard removes versions that nobody can ask for any more. After an error they are given to it again, and
	// what is still there at the next start is as well, so it need not be durable.
	Discard([]Version) error
}

// Batch is what Append stores.
type Batch struct {
	// Changes are in the order of their revisions.
	Changes []*KeyValue
	// Granted are new leases, and Revoked the numbers of those that ended.
	Granted []Lease
	Revoked []int64
}

// Version names one version of a key.
type Version struct {
	Key      []byte
	Revision int64
}

// Mark is a revision and when it was the current one. The store itself needs none: whoever compacts it does.
type Mark struct {
	Revision int64
	At       time.Time
}

// Lease is a lease as it is stored. After a restart it starts anew with its whole time to live, as in etcd.
type Lease struct {
	ID int64
	// TTL is in seconds.
	TTL int64
}
