package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	driversqlite "modernc.org/sqlite"
)

// Log is the history of a store in a file. It implements mvcc.Log.
type Log struct {
	path string
	lock *fileLock

	mu         sync.Mutex
	conn       driver.Conn
	statements map[string]driver.Stmt
	args       []driver.NamedValue
	// last is the row number of the newest change that is stored.
	last int64
	// suspect says that the last write failed, perhaps after it had reached the file.
	suspect bool
}

// Open opens the file at path for this process alone, and makes it if it is not there: then its history starts
// at revision first. Errors are one line that says what to do.
func Open(path string, first int64) (*Log, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	lock, err := acquire(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	l := &Log{path: path, lock: lock, statements: map[string]driver.Stmt{}}
	if err := l.open(first); err != nil {
		_ = l.Close()
		return nil, l.describe(err)
	}
	return l, nil
}

func (l *Log) open(first int64) error {
	// SQLite would open a file that it may not write for reading only, and not complain before the first write.
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unwritable(l.path, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	if l.conn, err = new(driversqlite.Driver).Open(address(l.path)); err != nil {
		return err
	}
	return l.prepare(first)
}

// address returns path as SQLite wants it, with nothing in it taken for a parameter.
func address(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

func unwritable(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s cannot be written (%w): make it writable, or use another data folder", path, err)
}

// Close writes everything into the main file and lets other servers use it.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	if l.conn != nil {
		for _, s := range l.statements {
			errs = append(errs, s.Close())
		}
		errs = append(errs, l.conn.Close()) // the last connection to close also checkpoints
		l.conn, l.statements = nil, nil
	}
	if l.lock != nil {
		errs = append(errs, l.lock.release())
		l.lock = nil
	}
	return errors.Join(errs...)
}
