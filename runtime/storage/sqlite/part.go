package sqlite

import (
	"database/sql/driver"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	driversqlite "modernc.org/sqlite"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

const (
	// ranges is how many the row numbers are divided into, for the connections that read to share.
	ranges = 64
	// pagesPerReader is how many pages of the file are worth a further connection.
	pagesPerReader = 256
	maxReaders     = 4
)

// part is what the rows of one range of numbers hold. last is the highest of the numbers.
type part struct {
	versions []*mvcc.KeyValue
	last     int64
	err      error
}

// parts calls each for all parts, in order. A large file is read on several connections: most of the time goes into
// copying values to new memory.
func (l *Log) parts(each func(part)) error {
	first, err := l.number("SELECT min(id) FROM versions")
	if err != nil {
		return err
	}
	if first < 0 {
		return fmt.Errorf("%w in row %d", errDamaged, first)
	}
	last, err := l.number("SELECT max(id) FROM versions")
	if err != nil {
		return err
	}
	pages, err := l.number("PRAGMA page_count")
	if err != nil {
		return err
	}
	width := (last-first)/ranges + 1
	var loaded [ranges]chan part
	for i := range loaded {
		loaded[i] = make(chan part, 1)
	}
	var next atomic.Int64
	read := func(conn driver.Conn) {
		for i := next.Add(1) - 1; i < ranges; i = next.Add(1) - 1 {
			var p part
			if last-first >= i*width {
				from := first + i*width
				p = readPart(conn, from, from+min(width-1, last-from))
			}
			loaded[i] <- p
		}
	}
	var readers sync.WaitGroup
	defer readers.Wait()
	defer next.Store(ranges) // no more, after an error
	readers.Go(func() { read(l.conn) })
	for range min(maxReaders, int64(runtime.GOMAXPROCS(0)), 1+pages/pagesPerReader) - 1 {
		readers.Go(func() {
			// One that cannot be opened is done without: the others read everything.
			conn, err := new(driversqlite.Driver).Open(address(l.path))
			if err != nil {
				return
			}
			if runScript(conn, patience) == nil {
				read(conn)
			}
			_ = conn.Close()
		})
	}
	for _, arrives := range loaded {
		p := <-arrives
		if p.err != nil {
			return p.err
		}
		each(p)
	}
	return nil
}

// readPart reads the rows with the numbers from and to, and those between.
func readPart(conn driver.Conn, from, to int64) (p part) {
	const query = "SELECT id, key, value, create_revision, version, lease FROM versions WHERE id BETWEEN ? AND ? ORDER BY id"
	p.err = rows(conn, query, arguments(from, to), func(v []driver.Value) error {
		kv, id, err := version(v)
		p.versions, p.last = append(p.versions, kv), id
		return err
	})
	return p
}
