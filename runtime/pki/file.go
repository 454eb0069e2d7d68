package pki

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// replacement is the new content of a file, on disk beside it.
type replacement struct {
	path string // of the file
	temp string
}

// prepare writes the new content of a file. A symbolic link stays one: what it leads to is replaced.
func prepare(path string, content []byte, mode os.FileMode) (*replacement, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	r := &replacement{path: path, temp: file.Name()}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		r.discard()
		return nil, cannotWrite(path, err)
	}
	return r, nil
}

// commit puts the content in place, by rename: a reader sees the old content or the new, never half.
func (r *replacement) commit() error {
	if err := os.Rename(r.temp, r.path); err != nil {
		return cannotWrite(r.path, err)
	}
	return nil
}

// discard removes what has not been committed.
func (r *replacement) discard() { _ = os.Remove(r.temp) }

func writeFile(path string, content []byte, mode os.FileMode) error {
	r, err := prepare(path, content, mode)
	if err != nil {
		return err
	}
	defer r.discard()
	return r.commit()
}

// cannotWrite names the file that was to be written, where the system names the one beside it.
func cannotWrite(path string, err error) error {
	return fmt.Errorf("cannot write %s: %w; make room there, or make its folder writable", path, cause(err))
}

// cause is what the system says without the names of files.
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
