package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// fileLock is a lock of the operating system on a file: it ends with the process, however that ends. The file
// stays, because removing it would let two servers lock two files of the same name.
type fileLock struct {
	file *os.File
}

// errLocked says that another process holds the lock.
var errLocked = errors.New("locked")

// acquire takes the lock at path and writes the number of this process into it.
func acquire(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("is in a folder where nothing can be written: %w", err)
	}
	if err := lockFile(f); err != nil {
		owner := holder(f)
		if err := f.Close(); err != nil {
			return nil, err
		}
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("is in use by another server%s: stop that one, or use another data folder", owner)
		}
		return nil, fmt.Errorf("cannot be locked: %w", err)
	}
	// A full disk may refuse the number. The lock holds all the same.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &fileLock{file: f}, nil
}

// holder names the process that holds the lock, if it left its number.
func holder(f *os.File) string {
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

func (l *fileLock) release() error { return l.file.Close() }
