package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	driversqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The driver is used directly: database/sql would add a pool, of which one connection is wanted, and a copy of
// each value.

// exec runs a script.
func (l *Log) exec(script string) error { return runScript(l.conn, script) }

func runScript(conn driver.Conn, script string) error {
	c, ok := conn.(driver.ExecerContext)
	if !ok {
		return errors.New("the SQLite driver runs no scripts")
	}
	_, err := c.ExecContext(context.Background(), script, nil)
	return err
}

// run runs a statement, which is prepared once.
func (l *Log) run(query string, args []driver.NamedValue) error {
	s, err := l.statement(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background(), args)
	return err
}

func (l *Log) statement(query string) (driver.StmtExecContext, error) {
	if l.conn == nil {
		return nil, errClosed
	}
	s, ok := l.statements[query]
	if !ok {
		var err error
		if s, err = l.conn.Prepare(query); err != nil {
			return nil, err
		}
		l.statements[query] = s
	}
	e, ok := s.(driver.StmtExecContext)
	if !ok {
		return nil, errors.New("the SQLite driver runs no statements")
	}
	return e, nil
}

// rows runs a query and calls each for every row. The values are valid for good; the slice is not.
func (l *Log) rows(query string, each func([]driver.Value) error) error {
	return rows(l.conn, query, nil, each)
}

func rows(conn driver.Conn, query string, args []driver.NamedValue, each func([]driver.Value) error) error {
	c, ok := conn.(driver.QueryerContext)
	if !ok {
		return errors.New("the SQLite driver runs no queries")
	}
	rows, err := c.QueryContext(context.Background(), query, args)
	if err != nil {
		return err
	}
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err = rows.Next(values); err == nil {
			err = each(values)
		}
		if err != nil {
			break
		}
	}
	closed := rows.Close()
	if errors.Is(err, io.EOF) {
		return closed
	}
	return err // closing says the same again
}

// number returns the one number that a query gives, or 0 if it gives none.
func (l *Log) number(query string) (n int64, err error) {
	err = l.rows(query, func(v []driver.Value) error {
		n, err = integer(v[0])
		return err
	})
	return n, err
}

func integer(v driver.Value) (int64, error) {
	switch n := v.(type) {
	case int64:
		return n, nil
	case nil:
		return 0, nil
	}
	return 0, fmt.Errorf("%w: %v where a number belongs", errDamaged, v)
}

var (
	errClosed  = errors.New("the database file is closed")
	errDamaged = errors.New("it holds what no kubecraft wrote")
	errTooMany = fmt.Errorf("a transaction changes more than %d keys: split it", maxSteps)
)

// code returns the result code in an error of SQLite, without the details that extended codes add.
func code(err error) int {
	var se *driversqlite.Error
	if errors.As(err, &se) {
		return se.Code() & 0xff
	}
	return sqlite3.SQLITE_OK
}

// noRoom says whether less of what was to be stored may still be stored.
func noRoom(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_FULL || c == sqlite3.SQLITE_TOOBIG || errors.Is(err, errTooMany)
}

// describe says what an error of SQLite means for the user.
func (l *Log) describe(err error) error {
	if errors.Is(err, errDamaged) {
		return fmt.Errorf("%s is damaged (%w): restore a copy, or move it away to start anew", l.path, err)
	}
	switch code(err) {
	case sqlite3.SQLITE_OK:
		return err // not of SQLite
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a database: move it away, or use another data folder", l.path)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged (%w): restore a copy, or move it away to start anew", l.path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk with %s is full: free some space", l.path)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s cannot be written (%w): make it writable", l.path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s is locked by another program (%w): close what has it open", l.path, err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s cannot be read or written (%w): see to its disk", l.path, err)
	}
	return fmt.Errorf("%s: %w", l.path, err)
}
