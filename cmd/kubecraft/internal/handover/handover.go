package handover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// record is what a binary was like when it was made.
type record struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
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
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d\n%s", name, len(files[name]), files[name])
	}
	return &Entry{root: root, dir: filepath.Join(root, hex.EncodeToString(sum.Sum(nil))[:16]), files: files}, nil
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
	text, err := os.ReadFile(filepath.Join(e.dir, recordName))
	var was record
	if err != nil || json.Unmarshal(text, &was) != nil {
		return ""
	}
	info, err := os.Stat(e.binary())
	if err != nil || !info.Mode().IsRegular() || info.Size() != was.Size || !info.ModTime().Equal(was.Modified) {
		return ""
	}
	now := time.Now()
	_ = os.Chtimes(e.dir, now, now)
	return e.binary()
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

// Keep puts what was made in its place and returns its path. The entry is locked.
func (e *Entry) Keep() (string, error) {
	info, err := os.Stat(e.made())
	if err != nil {
		return "", unusable(e.dir, err)
	}
	text, err := json.Marshal(record{info.Size(), info.ModTime()})
	if err != nil {
		return "", err
	}
	if err := os.Rename(e.made(), e.binary()); err != nil {
		return "", unusable(e.dir, err)
	}
	if err := os.WriteFile(filepath.Join(e.dir, recordName), append(text, '\n'), 0o600); err != nil {
		return "", unusable(e.dir, err)
	}
	_ = os.RemoveAll(filepath.Join(e.dir, sourceName))
	return e.binary(), nil
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
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("cannot keep a compiled control plane in %s: %w; make room there or make it writable, or set XDG_CACHE_HOME to another folder", dir, err)
}
