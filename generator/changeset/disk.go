package changeset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// disk is the file operations that a commit consists of, on names relative to one folder. Tests fail each in turn.
type disk interface {
	// Lock opens or creates a file for reading and writing and waits until nobody else has it locked. Closing the
	// file, and the end of the process, unlock it.
	Lock(name string) (lockedFile, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadFile(name string) ([]byte, error)
	Mkdir(name string) error
	// Create makes a new file; one that is there is an error.
	Create(name string, mode fs.FileMode) (file, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes creations, renames and removals in a folder durable.
	SyncDir(name string) error
	Close() error
}

type file interface {
	io.WriteCloser
	Chmod(mode fs.FileMode) error
	Sync() error
}

type lockedFile interface {
	io.ReadWriteCloser
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// osDisk works through os.Root, which refuses every name that leads out of the folder whatever happens to the links on
// the way.
type osDisk struct {
	*os.Root
}

func openDisk(dir string) (disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", dir, cause(err))
	}
	return osDisk{root}, nil
}

func (d osDisk) Lock(name string) (lockedFile, error) {
	// os.Root has no locks. A link in this place is not ours.
	if info, err := d.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is in the way: it is not a regular file", name)
	}
	return lockedfile.OpenFile(filepath.Join(d.Name(), name), os.O_RDWR|os.O_CREATE, 0o644)
}

func (d osDisk) Mkdir(name string) error {
	return d.Root.Mkdir(name, 0o755)
}

func (d osDisk) Create(name string, mode fs.FileMode) (file, error) {
	return d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

func (d osDisk) SyncDir(name string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be flushed there, and renames are journaled by the file system
	}
	dir, err := d.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// missing says whether an error means that there is no such file, which it also does when a folder on the way is a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// cause strips the operation and path, which the line around it says better.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
