package mvcc

import (
	"errors"
	"fmt"
)

var (
	// ErrCompacted says that the history asked for is gone.
	ErrCompacted = errors.New("the required revision has been compacted")
	// ErrFutureRevision says that the revision asked for is not there yet.
	ErrFutureRevision = errors.New("the required revision is a future revision")
	// ErrLeaseNotFound says that a lease does not exist, or has expired.
	ErrLeaseNotFound = errors.New("the lease was not found")
	// ErrLeaseExists says that a lease with the wanted number is there already.
	ErrLeaseExists = errors.New("the lease exists already")
	// ErrClosed says that the store has been closed.
	ErrClosed = errors.New("the store is closed")
)

// SizeError is what a log says of a batch that has no room: a smaller one may have some.
type SizeError struct {
	Err error
}

// Error implements error.
func (e *SizeError) Error() string { return e.Err.Error() }

// Unwrap returns what has no room.
func (e *SizeError) Unwrap() error { return e.Err }

// WriteError says that a change could not be made durable. Nothing of it was kept, and reads go on.
type WriteError struct {
	// Err is what the log said.
	Err error
}

// Error implements error.
func (e *WriteError) Error() string { return fmt.Sprintf("the change was not stored: %v", e.Err) }

// Unwrap returns what the log said.
func (e *WriteError) Unwrap() error { return e.Err }
