package changeset

import (
	"errors"
	"io/fs"
)

var errInjected = errors.New("injected")

// faults fails operations of the disks that it wraps. Reads count too: a disk that dies does not choose.
type faults struct {
	at   int // the operation that fails, from 1; 0: none
	mode faultMode
	n    int // operations so far
	on   func(n int)
}

type faultMode int

const (
	once   faultMode = iota // one operation fails, the next ones work
	killed                  // nothing happens any more, as after kill -9; the first write gets half way
	full                    // what needs space fails
)

func (f *faults) open(dir string) (disk, error) {
	d, err := openDisk(dir)
	return &faultyDisk{d, f}, err
}

func (f *faults) fail(needsSpace bool) bool {
	f.n++
	if f.on != nil {
		f.on(f.n)
	}
	switch {
	case f.at == 0 || f.n < f.at:
		return false
	case f.mode == once:
		return f.n == f.at
	case f.mode == full:
		return needsSpace
	}
	return true
}

type faultyDisk struct {
	disk
	f *faults
}

func (d *faultyDisk) Lock(name string) (lockedFile, error) {
	if d.f.fail(true) {
		return nil, errInjected
	}
	l, err := d.disk.Lock(name)
	if err != nil {
		return nil, err
	}
	return &faultyLocked{l, d.f}, nil
}

func (d *faultyDisk) Lstat(name string) (fs.FileInfo, error) {
	if d.f.fail(false) {
		return nil, errInjected
	}
	return d.disk.Lstat(name)
}

func (d *faultyDisk) ReadFile(name string) ([]byte, error) {
	if d.f.fail(false) {
		return nil, errInjected
	}
	return d.disk.ReadFile(name)
}

func (d *faultyDisk) Mkdir(name string) error {
	if d.f.fail(true) {
		return errInjected
	}
	return d.disk.Mkdir(name)
}

func (d *faultyDisk) Create(name string, mode fs.FileMode) (file, error) {
	if d.f.fail(true) {
		return nil, errInjected
	}
	f, err := d.disk.Create(name, mode)
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d.f}, nil
}

func (d *faultyDisk) Rename(from, to string) error {
	if d.f.fail(false) {
		return errInjected
	}
	return d.disk.Rename(from, to)
}

func (d *faultyDisk) Remove(name string) error {
	if d.f.fail(false) {
		return errInjected
	}
	return d.disk.Remove(name)
}

func (d *faultyDisk) SyncDir(name string) error {
	if d.f.fail(true) {
		return errInjected
	}
	return nil // flushing is counted, not done: nothing here pulls the plug
}

type faultyFile struct {
	file
	f *faults
}

func (w *faultyFile) Write(p []byte) (int, error) {
	if w.f.fail(true) {
		return halfWrite(w.f, w.file, p)
	}
	return w.file.Write(p)
}

func (w *faultyFile) Chmod(mode fs.FileMode) error {
	if w.f.fail(false) {
		return errInjected
	}
	return w.file.Chmod(mode)
}

func (w *faultyFile) Sync() error {
	if w.f.fail(true) {
		return errInjected
	}
	return nil
}

func (w *faultyFile) Close() error {
	if err := w.file.Close(); err != nil {
		return err
	}
	if w.f.fail(true) {
		return errInjected
	}
	return nil
}

type faultyLocked struct {
	lockedFile
	f *faults
}

func (w *faultyLocked) Write(p []byte) (int, error) {
	if w.f.fail(true) {
		return halfWrite(w.f, w.lockedFile, p)
	}
	return w.lockedFile.Write(p)
}

func (w *faultyLocked) Sync() error {
	if w.f.fail(true) {
		return errInjected
	}
	return nil
}

func (w *faultyLocked) Truncate(size int64) error {
	if w.f.fail(false) {
		return errInjected
	}
	return w.lockedFile.Truncate(size)
}

func (w *faultyLocked) Stat() (fs.FileInfo, error) {
	if w.f.fail(false) {
		return nil, errInjected
	}
	return w.lockedFile.Stat()
}

// halfWrite is what a disk does that fills up, or a process that is killed, in the middle of a write.
func halfWrite(f *faults, to interface{ Write([]byte) (int, error) }, p []byte) (int, error) {
	if f.n != f.at {
		return 0, errInjected
	}
	n, err := to.Write(p[:len(p)/2])
	return n, errors.Join(err, errInjected)
}
