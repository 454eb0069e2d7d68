package handover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/kubecraft/kubecraft"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/gotool"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

const (
	// unused is how long an entry stays that nobody uses.
	unused = 30 * 24 * time.Hour
	// recordName is the file, beside a binary, that says how it was when it was whole.
	recordName = "binary.json"
	lockName   = "lock"
	sourceName = "src"
)

// Entry is a place in the cache.
type Entry struct {
	root  string // of all entries
	dir   string
	files map[string][]byte // what is compiled, by slash path
}

// record is what a binary was like when it was made. To read all of it takes a fifth of a second, which a start has not: Seen, which
// every write to a file alters, is what is looked at. The sum decides when that differs, as in a cache that was copied or put back
// from elsewhere, and when the binary does not start.
type record struct {
	Seen evidence `json:"seen"`
	Sum  string   `json:"sha256"`
}

// evidence is what tells, without reading it, that a file is the one that was seen before.
type evidence struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	// Changed is the time of the last change and the number of the file, which nobody sets. Empty on systems that have none.
	Changed string `json:"changed,omitempty"`
}

func (e evidence) equal(other evidence) bool {
	return e.Size == other.Size && e.Modified.Equal(other.Modified) && e.Changed == other.Changed
}

// New returns the entry of this very kubecraft, below root.
func New(root string) (*Entry, error) {
	files := map[string][]byte{}
	for _, sources := range []fs.FS{kubecraft.Sources, kubecraft.Command} {
		part, err := scaffold.SourceFiles(sources)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, part)
	}
	return newFor(root, files), nil
}

// newFor returns the entry of some sources.
func newFor(root string, files map[string][]byte) *Entry {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(files[name]), files[name])
	}
	return &Entry{root: root, dir: filepath.Join(root, hex.EncodeToString(sum.Sum(nil))[:16]), files: files}
}

func (e *Entry) binary() string {
	name := "kubecraft"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(e.dir, name)
}

// Binary returns the path of the entry's binary, or "" if there is none, or it is not as it was when it was made. Its use is noted.
func (e *Entry) Binary() string {
	was, ok := e.record()
	if !ok {
		return ""
	}
	seen, err := look(e.binary())
	if err != nil {
		return ""
	}
	if !was.Seen.equal(seen) {
		if sum, err := sumOf(e.binary()); err != nil || sum != was.Sum {
			return ""
		}
		_ = e.note(record{seen, was.Sum}) // the next start need not read it
	}
	now := time.Now()
	_ = os.Chtimes(e.dir, now, now)
	return e.binary()
}

// Intact says whether the binary has, byte for byte, the content that it had when it was made.
func (e *Entry) Intact() bool {
	was, ok := e.record()
	if !ok {
		return false
	}
	sum, err := sumOf(e.binary())
	return err == nil && sum == was.Sum
}

// Discard makes the entry one that has no binary. The entry is locked.
func (e *Entry) Discard() error {
	if err := os.Remove(filepath.Join(e.dir, recordName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unusable(e.dir, err)
	}
	return nil
}

func (e *Entry) record() (was record, ok bool) {
	text, err := os.ReadFile(filepath.Join(e.dir, recordName))
	return was, err == nil && json.Unmarshal(text, &was) == nil
}

// note writes the record, all of it or nothing, for good.
func (e *Entry) note(r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(e.dir, recordName)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(e.dir, recordName))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func look(path string) (evidence, error) {
	info, err := os.Stat(path)
	if err != nil {
		return evidence{}, err
	}
	if !info.Mode().IsRegular() {
		return evidence{}, errors.New("not a file")
	}
	return evidence{Size: info.Size(), Modified: info.ModTime(), Changed: changed(path)}, nil
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Lock keeps others from making the entry's binary, until unlock is called.
func (e *Entry) Lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return nil, unusable(e.dir, err)
	}
	type locked struct {
		unlock func()
		err    error
	}
	done := make(chan locked, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(filepath.Join(e.dir, lockName)).Lock()
		done <- locked{unlock, err}
	}()
	select {
	case l := <-done:
		if l.err != nil {
			return nil, unusable(e.dir, l.err)
		}
		return l.unlock, nil
	case <-ctx.Done():
		go func() {
			if l := <-done; l.err == nil {
				l.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// Prepare writes the sources, and removes what others have left. It returns what has to be built. The entry is locked.
func (e *Entry) Prepare() (gotool.Build, error) {
	e.prune()
	src := filepath.Join(e.dir, sourceName)
	if err := os.RemoveAll(src); err != nil {
		return gotool.Build{}, unusable(e.dir, err)
	}
	for name, content := range e.files {
		path := filepath.Join(src, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			return gotool.Build{}, unusable(e.dir, err)
		}
	}
	return gotool.Build{Dir: src, Package: "./cmd/kubecraft", Output: e.made(), Tags: "whole"}, nil
}

// made is where a binary is made, to take its place once it is whole.
func (e *Entry) made() string { return e.binary() + ".new" }

// Keep puts what was made in its place and returns its path. What it records is on disk before the record: after a power cut there is
// a binary that is whole, or none. The entry is locked.
func (e *Entry) Keep() (string, error) {
	if err := e.keep(); err != nil {
		return "", unusable(e.dir, err)
	}
	_ = os.RemoveAll(filepath.Join(e.dir, sourceName))
	return e.binary(), nil
}

func (e *Entry) keep() error {
	if err := sync(e.made()); err != nil {
		return err
	}
	sum, err := sumOf(e.made())
	if err != nil {
		return err
	}
	if err := os.Rename(e.made(), e.binary()); err != nil {
		return err
	}
	seen, err := look(e.binary())
	if err != nil {
		return err
	}
	return e.note(record{seen, sum})
}

// sync has the system write a file that others have written.
func sync(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// prune removes entries that nobody has used for long.
func (e *Entry) prune() {
	entries, err := os.ReadDir(e.root)
	if err != nil {
		return
	}
	for _, other := range entries {
		info, err := other.Info()
		if dir := filepath.Join(e.root, other.Name()); err == nil && dir != e.dir && time.Since(info.ModTime()) > unused {
			_ = os.RemoveAll(dir)
		}
	}
}

// unusable is an error that says what the user can do about it.
func unusable(dir string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot keep a compiled control plane in %s: %w; make room there or make it writable, or set XDG_CACHE_HOME to another folder", dir, err)
}
