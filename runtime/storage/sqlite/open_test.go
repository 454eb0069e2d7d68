package sqlite

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driversqlite "modernc.org/sqlite"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// open opens the log at path and the store over it.
func open(t testing.TB, path string) (*Log, *mvcc.Store) {
	t.Helper()
	l, err := Open(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	b, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	return l, b.Open(mvcc.Options{Log: l})
}

func put(s *mvcc.Store, key string, value []byte) (int64, error) {
	return s.Update(func(t *mvcc.Txn) error {
		_, err := t.Put(key, value, 0)
		return err
	})
}

func mustPut(t testing.TB, s *mvcc.Store, key, value string) int64 {
	t.Helper()
	revision, err := put(s, key, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// script runs SQL on the file at path.
func script(t *testing.T, path, text string) {
	t.Helper()
	c, err := new(driversqlite.Driver).Open(address(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Log{conn: c}).exec(text); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string // %s is the path
	}{
		"another kind of file": {
			func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("no database "), 100)) },
			"%s is not a database: move it away, or use another data folder",
		},
		"another program's database": {
			func(t *testing.T, path string) { script(t, path, "CREATE TABLE notes (text)") },
			"%s is the SQLite database of another program: move it away, or use another data folder",
		},
		"a newer format": {
			func(t *testing.T, path string) { fill(t, path); script(t, path, "PRAGMA user_version = 2") },
			"%s was written by a newer kubecraft (format 2, this one knows 1): use that one, or another data folder",
		},
		"a folder in its place": {
			func(t *testing.T, path string) { mkdir(t, path) },
			"%s cannot be written (is a directory): make it writable, or use another data folder",
		},
		"damaged pages": {damage, "%s is damaged (*): restore a copy, or move it away to start anew"},
		"rows that make no sense": {
			func(t *testing.T, path string) {
				fill(t, path)
				script(t, path, "INSERT INTO versions VALUES (99999999, '', NULL, 0, 0, 0)")
			},
			"%s is damaged (*): restore a copy, or move it away to start anew",
		},
		"a row from before all revisions": {
			func(t *testing.T, path string) {
				fill(t, path)
				script(t, path, "INSERT INTO versions VALUES (-9223372036854775807, 'a', NULL, 0, 0, 0)")
			},
			"%s is damaged (it holds what no kubecraft wrote in row -9223372036854775807): restore a copy, or move it away to start anew",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a folder é", "da?ta.db")
			mkdir(t, filepath.Dir(path))
			c.make(t, path)
			l, err := Open(path, 1)
			if err == nil {
				_, err = l.Load()
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
			if err == nil {
				t.Fatal("it was opened")
			}
			before, after, _ := strings.Cut(fmt.Sprintf(c.want, path), "*")
			if got := err.Error(); !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || strings.Contains(got, "\n") {
				t.Errorf("got  %s\nwant %s*%s", got, before, after)
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill makes a store with some data in it.
func fill(t *testing.T, path string) {
	t.Helper()
	l, s := open(t, path)
	for i := range 200 {
		mustPut(t, s, fmt.Sprintf("key%d", i), strings.Repeat("value", 100))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// damage overwrites the middle of a store.
func damage(t *testing.T, path string) {
	t.Helper()
	fill(t, path)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) / 3; i < 2*len(content)/3; i++ {
		content[i] = 0xff
	}
	write(t, path, content)
}

func TestOpenIsForOneServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	l, _ := open(t, path)
	_, err := Open(path, 1)
	want := fmt.Sprintf("%s is in use by another server (process %d): stop that one, or use another data folder", path, os.Getpid())
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestOpenFinishesWhatAnInterruptedStartBegan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	write(t, path, nil)
	_, s := open(t, path)
	if got := mustPut(t, s, "a", "1"); got != 2 {
		t.Errorf("revision %d, want 2", got)
	}
}

func TestFullDiskHeals(t *testing.T) {
	l, s := open(t, filepath.Join(t.TempDir(), "data.db"))
	mustPut(t, s, "before", "1")
	pages, err := l.number("PRAGMA page_count")
	if err != nil {
		t.Fatal(err)
	}
	limit := func(n int64) {
		if _, err := l.number(fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	_, err = put(s, "large", make([]byte, 1<<20))
	if want := "the disk with " + l.path + " is full: free some space"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	if size := (*mvcc.SizeError)(nil); !errors.As(err, &size) {
		t.Error("the store is not told that something smaller may have room")
	}
	if kv, _, err := s.Get("before", 0); err != nil || kv == nil {
		t.Errorf("reading: %v, %v", kv, err)
	}
	limit(1 << 30)
	revision := mustPut(t, s, "after", "2")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, l.path)
	r, err := s.Range("\x00", "\x00", mvcc.RangeOptions{})
	if err != nil || r.Count != 2 || r.Revision != revision {
		t.Errorf("after a restart: %d keys at %d, want 2 at %d (%v)", r.Count, r.Revision, revision, err)
	}
}

func TestFileLockedByAnotherProgram(t *testing.T) {
	l, s := open(t, filepath.Join(t.TempDir(), "data.db"))
	mustPut(t, s, "before", "1")
	c, err := new(driversqlite.Driver).Open(address(l.path))
	if err != nil {
		t.Fatal(err)
	}
	other := &Log{conn: c}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := other.exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = put(s, "while", nil)
	size := (*mvcc.SizeError)(nil)
	if want := l.path + " is locked by another program"; err == nil || !strings.Contains(err.Error(), want) || errors.As(err, &size) {
		t.Errorf("got %v, want %s", err, want)
	}
	if kv, _, err := s.Get("before", 0); err != nil || kv == nil {
		t.Errorf("reading: %v, %v", kv, err)
	}
	if err := other.exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "after", "2")
}

func TestFailedWriteThatReachedTheFileIsTakenBack(t *testing.T) {
	l, s := open(t, filepath.Join(t.TempDir(), "data.db"))
	mustPut(t, s, "a", "1")
	// As if the disk had written a transaction and then reported an error.
	ghost := &mvcc.KeyValue{Key: []byte("ghost"), ModRevision: 3, CreateRevision: 3, Version: 1}
	l.mu.Lock()
	_, err := l.insert([]*mvcc.KeyValue{ghost})
	l.suspect = true
	l.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "b", "2")
	count := 0
	if err := l.rows("SELECT key FROM versions", func(v []driver.Value) error {
		count++
		if string(v[0].([]byte)) == "ghost" {
			t.Error("the failed write is stored")
		}
		return nil
	}); err != nil || count != 2 {
		t.Errorf("%d rows, %v", count, err)
	}
}
