package datafolder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	databaseSuffix = ".db"
	lockSuffix     = ".lock"
	waitInterval   = 20 * time.Millisecond
)

var errLocked = errors.New("locked")

// Files returns the database files in a folder, which need not exist, sorted by name. Everything else in it, such as the
// port that kubeconfigs name, is no data.
func Files(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("cannot read the data folder: %w", err)
	}
	var files []string
	for _, e := range entries {
		// SQLite keeps "x.db-wal" and "x.db-shm" beside "x.db".
		base, rest, found := strings.Cut(e.Name(), databaseSuffix)
		if e.Type().IsRegular() && found && base != "" && (rest == "" || strings.HasPrefix(rest, "-")) {
			files = append(files, e.Name())
		}
	}
	return files, nil
}

// Empty removes the database files. It refuses, with a line for the user, while a server has the folder in use.
func Empty(dir string) ([]string, error) {
	files, err := Files(dir)
	if err != nil {
		return nil, err
	}
	// Every lock is taken before anything is removed, and held until all is.
	unlock, err := lock(dir, files)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for i, name := range files {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return files[:i], err
		}
	}
	return files, nil
}

// Wait returns when no server uses the folder.
func Wait(ctx context.Context, dir string) error {
	return wait(ctx, func() error {
		files, err := Files(dir)
		if err != nil {
			return err
		}
		unlock, err := lock(dir, files)
		if err == nil {
			unlock()
		}
		return err
	})
}

// WaitFor returns when no server has locked a file, or it is gone.
func WaitFor(ctx context.Context, path string) error {
	return wait(ctx, func() error {
		f, err := acquire(path, os.O_RDWR)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			f.Close()
			return nil
		}
		return fmt.Errorf("%s %w", path, err)
	})
}

// wait tries until something is locked no more.
func wait(ctx context.Context, try func() error) error {
	for {
		err := try()
		if !errors.Is(err, errLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(waitInterval):
		}
	}
}

// lock takes the locks of all databases among files.
func lock(dir string, files []string) (unlock func(), err error) {
	var locks []*os.File
	unlock = func() {
		for _, l := range locks {
			l.Close()
		}
	}
	for _, name := range files {
		if !strings.HasSuffix(name, databaseSuffix) {
			continue
		}
		l, err := Acquire(filepath.Join(dir, name+lockSuffix))
		if err != nil {
			unlock()
			return nil, fmt.Errorf("%s %w", dir, err)
		}
		locks = append(locks, l)
	}
	return unlock, nil
}

// Acquire locks a file, which need not exist, as a server locks the one beside its database. It does not wait. Closing the file
// unlocks it.
func Acquire(path string) (*os.File, error) {
	return acquire(path, os.O_RDWR|os.O_CREATE)
}

func acquire(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot be locked: %w", err)
	}
	err = lockFile(f)
	if err == nil {
		return f, nil
	}
	owner := holder(f)
	f.Close()
	if errors.Is(err, errLocked) {
		return nil, &lockedError{owner}
	}
	return nil, fmt.Errorf("cannot be locked: %w", err)
}

// lockedError says that a server has a file locked.
type lockedError struct{ owner string }

func (e *lockedError) Error() string {
	return fmt.Sprintf("is in use by a server%s: stop it first", e.owner)
}
func (*lockedError) Unwrap() error { return errLocked }

// holder names the process that holds a lock, if it left its number.
func holder(f io.Reader) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}
