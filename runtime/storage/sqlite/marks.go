package sqlite

import (
	"database/sql/driver"
	"time"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// Mark stores a mark. A restart then knows how old history is.
func (l *Log) Mark(m mvcc.Mark) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return errClosed
	}
	return l.describe(l.run("INSERT OR IGNORE INTO marks VALUES (?, ?)", arguments(m.Revision, m.At.UnixMilli())))
}

// Forget removes the marks up to a revision.
func (l *Log) Forget(revision int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return errClosed
	}
	return l.describe(l.run("DELETE FROM marks WHERE revision <= ?", arguments(revision)))
}

// Marks returns all marks, in order.
func (l *Log) Marks() ([]mvcc.Mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil, errClosed
	}
	var marks []mvcc.Mark
	err := l.rows("SELECT revision, at FROM marks ORDER BY revision", func(v []driver.Value) error {
		revision, err := integer(v[0])
		if err != nil {
			return err
		}
		at, err := integer(v[1])
		marks = append(marks, mvcc.Mark{Revision: revision, At: time.UnixMilli(at)})
		return err
	})
	return marks, l.describe(err)
}
