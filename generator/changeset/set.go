package changeset

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Action is what a change does to a file.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Change is one file that differs between the set and the disk.
type Change struct {
	// Path is slash-separated and relative to the set's root.
	Path   string
	Action Action
	// Before and After are the contents; nil where there is no file.
	Before, After []byte

	mode   fs.FileMode // permissions of the new file
	target string      // where the file really is: Path with symbolic links followed, in the form of the OS
}

// Set is a number of files to be written or removed under one root. It is not safe for concurrent use.
type Set struct {
	root   string
	wanted map[string]wanted
	seen   map[string]snapshot
	open   func(dir string) (disk, error)
}

type wanted struct {
	content []byte // nil: remove
	mode    fs.FileMode
}

// New returns an empty set for the folder root, which need not exist yet.
func New(root string) *Set {
	return &Set{root: root, wanted: map[string]wanted{}, seen: map[string]snapshot{}, open: openDisk}
}

// Write asks for the file at a slash-separated path relative to the root to have this content. The mode is that of a
// new file, before the umask, 0 meaning 0644; a file that is there keeps its own. A later call for the path wins.
func (s *Set) Write(path string, content []byte, mode fs.FileMode) {
	if mode == 0 {
		mode = 0o644
	}
	if content == nil {
		content = []byte{}
	}
	s.wanted[path] = wanted{content: content, mode: mode.Perm()}
}

// Remove asks for the file to be gone. Folders that become empty by it go too.
func (s *Set) Remove(path string) {
	s.wanted[path] = wanted{}
}

// Changes compares the set with the disk and returns what differs, sorted by path. What each file holds is read the
// first time that Changes, Diff or Commit meets its path and is what a commit then expects to find.
func (s *Set) Changes() ([]Change, error) {
	paths := make([]string, 0, len(s.wanted))
	for path := range s.wanted {
		paths = append(paths, path)
	}
	slices.Sort(paths)

	var changes []Change
	names := map[string]string{}
	for _, path := range paths {
		seen, err := s.look(path)
		if err != nil {
			return nil, err
		}
		if other, taken := names[seen.target]; taken {
			return nil, fmt.Errorf("%s and %s are the same file", other, path)
		}
		names[seen.target] = path

		w := s.wanted[path]
		c := Change{Path: path, Before: seen.content, After: w.content, mode: w.mode, target: seen.target}
		switch {
		case c.Before == nil && c.After == nil, c.Before != nil && c.After != nil && bytes.Equal(c.Before, c.After):
			continue
		case c.Before == nil:
			c.Action = Create
		case c.After == nil:
			c.Action, c.mode = Delete, seen.mode
		default:
			c.Action, c.mode = Update, seen.mode
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// look returns what is at path, as first seen by this set.
func (s *Set) look(path string) (snapshot, error) {
	if seen, ok := s.seen[path]; ok {
		return seen, nil
	}
	seen, err := look(s.root, path)
	if err != nil {
		return snapshot{}, err
	}
	s.seen[path] = seen
	return seen, nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// snapshot is what was found at a path.
type snapshot struct {
	target  string // relative to the root, with symbolic links followed
	content []byte // nil if there is no file
	mode    fs.FileMode
}

func look(root, path string) (snapshot, error) {
	local := filepath.FromSlash(path)
	if !filepath.IsLocal(local) || local == "." {
		return snapshot{}, fmt.Errorf("%s is not a path inside %s", path, root)
	}
	target, err := follow(root, local)
	if err != nil {
		return snapshot{}, err
	}
	full := filepath.Join(root, target)
	info, err := os.Lstat(full)
	if missing(err) {
		return snapshot{target: target}, nil
	} else if err != nil {
		return snapshot{}, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return snapshot{}, fmt.Errorf("%s is in the way: it is not a regular file", path)
	}
	content, err := os.ReadFile(full)
	if missing(err) {
		return look(root, path) // another commit has taken it away since, and may put it there again
	} else if err != nil {
		return snapshot{}, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	if content == nil {
		content = []byte{}
	}
	return snapshot{target: target, content: content, mode: info.Mode().Perm()}, nil
}

// follow resolves the symbolic links in a path below root, so that a commit writes to what they point to instead of
// replacing them. It refuses links that lead out of the root.
func follow(root, local string) (string, error) {
	realRoot, err := filepath.EvalSymlinks(root)
	if missing(err) {
		return local, nil
	} else if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", root, cause(err))
	}
	realRoot, err = filepath.Abs(realRoot)
	if err != nil {
		return "", err
	}
	// The part that does not exist yet holds no links.
	there, rest := filepath.Join(realRoot, local), ""
	for {
		if _, err := os.Lstat(there); err == nil {
			break
		} else if !missing(err) {
			return "", fmt.Errorf("cannot read %s: %w", local, cause(err))
		}
		there, rest = filepath.Dir(there), filepath.Join(filepath.Base(there), rest)
	}
	resolved, err := filepath.EvalSymlinks(there)
	if missing(err) && !isLink(there) { // another commit puts a file in its place, or undoes itself
		return follow(root, local)
	}
	if err != nil {
		return "", fmt.Errorf("%s leads to a symbolic link that points to nothing", filepath.ToSlash(local))
	}
	target, err := filepath.Rel(realRoot, filepath.Join(resolved, rest))
	if err != nil || !filepath.IsLocal(target) {
		return "", fmt.Errorf("%s leads out of %s, to %s", filepath.ToSlash(local), root, resolved)
	}
	return target, nil
}
