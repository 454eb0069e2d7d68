package sqlite

import (
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

var _ mvcc.Log = (*Log)(nil)

const (
	columns = 6
	// maxRows is how many changes one statement takes. Most batches are below it, and then the statement is the
	// whole transaction.
	maxRows = 64
)

// Append implements mvcc.Log.
func (l *Log) Append(b mvcc.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.append(b)
	if err == nil {
		return nil
	}
	l.suspect = true
	if noRoom(err) {
		return &mvcc.SizeError{Err: l.describe(err)}
	}
	return l.describe(err)
}

func (l *Log) append(b mvcc.Batch) error {
	if l.conn == nil {
		return errClosed
	}
	if l.suspect {
		// The revisions of a write that failed are given out again.
		if err := l.run("DELETE FROM versions WHERE id > ?", arguments(l.last)); err != nil {
			return err
		}
		l.suspect = false
	}
	last := l.last
	insert := func() (err error) {
		last, err = l.insert(b.Changes)
		return err
	}
	var err error
	if len(b.Changes) <= maxRows && len(b.Granted)+len(b.Revoked) == 0 {
		err = insert()
	} else {
		err = l.transaction(func() error {
			for _, lease := range b.Granted {
				if err := l.run("INSERT OR REPLACE INTO leases VALUES (?, ?)", arguments(lease.ID, lease.TTL)); err != nil {
					return err
				}
			}
			for _, id := range b.Revoked {
				if err := l.run("DELETE FROM leases WHERE id = ?", arguments(id)); err != nil {
					return err
				}
			}
			return insert()
		})
	}
	if err == nil {
		l.last = last
	}
	return err
}

// insert writes changes and returns the number of the last row.
func (l *Log) insert(changes []*mvcc.KeyValue) (int64, error) {
	last := l.last
	for len(changes) > 0 {
		n := min(len(changes), maxRows)
		if cap(l.args) < n*columns {
			l.args = make([]driver.NamedValue, maxRows*columns)
		}
		args := l.args[:0]
		for _, kv := range changes[:n] {
			step := int64(0)
			if last>>stepBits == kv.ModRevision {
				if step = last&(maxSteps-1) + 1; step == maxSteps {
					return 0, errTooMany
				}
			}
			last = kv.ModRevision<<stepBits | step
			args = bind(args, last, kv)
		}
		err := l.run(insertion(n), args)
		clear(args) // do not hold the values
		if err != nil {
			return 0, err
		}
		changes = changes[n:]
	}
	return last, nil
}

func bind(args []driver.NamedValue, id int64, kv *mvcc.KeyValue) []driver.NamedValue {
	n := len(args)
	return append(args,
		driver.NamedValue{Ordinal: n + 1, Value: id},
		driver.NamedValue{Ordinal: n + 2, Value: kv.Key},
		driver.NamedValue{Ordinal: n + 3, Value: kv.Value},
		driver.NamedValue{Ordinal: n + 4, Value: kv.CreateRevision},
		driver.NamedValue{Ordinal: n + 5, Value: kv.Version},
		driver.NamedValue{Ordinal: n + 6, Value: kv.Lease},
	)
}

// insertion returns the statement that inserts n rows.
func insertion(n int) string {
	return "INSERT INTO versions VALUES (?,?,?,?,?,?)" + strings.Repeat(",(?,?,?,?,?,?)", n-1)
}

// transaction runs f as one step.
func (l *Log) transaction(f func() error) error {
	if err := l.run("BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	err := f()
	if err == nil {
		err = l.run("COMMIT", nil)
	}
	if err != nil {
		// SQLite may have rolled back on its own, and then says that there is nothing to roll back.
		_ = l.run("ROLLBACK", nil)
	}
	return err
}

func arguments(values ...driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}

// Compact implements mvcc.Log.
func (l *Log) Compact(revision int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return errClosed
	}
	return l.describe(l.run("UPDATE state SET value = ? WHERE name = 'compacted'", arguments(revision)))
}

// Discard implements mvcc.Log.
func (l *Log) Discard(versions []mvcc.Version) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return errClosed
	}
	err := l.transaction(func() error {
		for _, v := range versions {
			args := arguments(v.Revision<<stepBits, (v.Revision+1)<<stepBits, v.Key)
			if err := l.run("DELETE FROM versions WHERE id >= ? AND id < ? AND key = ?", args); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errClosed) {
		return l.describe(err)
	}
	return err
}
