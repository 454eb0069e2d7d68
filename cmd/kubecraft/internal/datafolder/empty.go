package datafolder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	databaseSuffix = ".db"
	lockSuffix     = ".lock"
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
	for _, name := range files {
		if !strings.HasSuffix(name, databaseSuffix) {
			continue
		}
		lock, err := acquire(filepath.Join(dir, name+lockSuffix))
		if err != nil {
			return nil, fmt.Errorf("%s %w", dir, err)
		}
		defer lock.Close()
	}
	for i, name := range files {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return files[:i], err
		}
	}
	return files, nil
}

// acquire locks the file beside a database as its server does.
func acquire(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
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
		return nil, fmt.Errorf("is in use by a server%s: stop it first", owner)
	}
	return nil, fmt.Errorf("cannot be locked: %w", err)
}

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
