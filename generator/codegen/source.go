package codegen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// source is the project's files as they will be: the disk, covered by the overlay.
type source struct {
	// dir is the project's root, absolute and free of symbolic links if it exists.
	dir string
	// overlay is keyed by slash path relative to dir; nil content means that the file is absent.
	overlay map[string][]byte
	// exists says that dir is on the disk.
	exists bool
}

// newSource resolves dir and rekeys overlay, whose keys are absolute or relative to dir.
func newSource(dir string, overlay map[string][]byte) (*source, error) {
	given, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &source{dir: given, overlay: make(map[string][]byte, len(overlay))}
	if real, err := filepath.EvalSymlinks(given); err == nil {
		s.dir, s.exists = real, true
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	} else {
		s.dir = resolveExistingParent(given)
	}
	for key, content := range overlay {
		rel := filepath.ToSlash(key)
		if filepath.IsAbs(key) {
			if rel = relativeTo(key, given, s.dir, dir); rel == "" {
				return nil, fmt.Errorf("overlay file %s is outside of the project %s", key, dir)
			}
		}
		s.overlay[path.Clean(rel)] = content
	}
	return s, nil
}

// resolveExistingParent resolves symbolic links in the part of p that exists, so that paths made by other means match.
func resolveExistingParent(p string) string {
	parent, base := filepath.Split(filepath.Clean(p))
	if parent == "" || filepath.Clean(parent) == filepath.Clean(p) {
		return p
	}
	if real, err := filepath.EvalSymlinks(parent); err == nil {
		return filepath.Join(real, base)
	}
	return filepath.Join(resolveExistingParent(filepath.Clean(parent)), base)
}

// relativeTo returns the slash path of p relative to the first of roots that contains it, "" if none does.
func relativeTo(p string, roots ...string) string {
	for _, root := range roots {
		rel, err := filepath.Rel(root, p)
		if err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return ""
}

// abs returns the file name of a slash path relative to the project.
func (s *source) abs(rel string) string { return filepath.Join(s.dir, filepath.FromSlash(rel)) }

// rel returns the slash path of a file name relative to the project, or the slash form of the name if it is outside.
func (s *source) rel(name string) string {
	if rel := relativeTo(name, s.dir); rel != "" {
		return rel
	}
	return filepath.ToSlash(name)
}

// read returns a file's content; fs.ErrNotExist if it is absent or hidden.
func (s *source) read(rel string) ([]byte, error) {
	if content, ok := s.overlay[rel]; ok {
		if content == nil {
			return nil, &fs.PathError{Op: "open", Path: rel, Err: fs.ErrNotExist}
		}
		return content, nil
	}
	content, err := os.ReadFile(s.abs(rel))
	if err == nil && content == nil {
		content = []byte{}
	}
	return content, err
}

// readAny reads a file named by a path relative to the project or an absolute one, which may be outside of it.
func (s *source) readAny(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		return s.read(path.Clean(filepath.ToSlash(name)))
	}
	if rel := relativeTo(name, s.dir); rel != "" {
		return s.read(rel)
	}
	return os.ReadFile(name)
}

// exist reports whether the file is there.
func (s *source) exist(rel string) bool {
	if content, ok := s.overlay[rel]; ok {
		return content != nil
	}
	info, err := os.Stat(s.abs(rel))
	return err == nil && !info.IsDir()
}

// goFiles lists the Go files below root, sorted. It leaves out what the go command leaves out of "./...": vendor and
// testdata, names that start with "." or "_", and nested modules.
func (s *source) goFiles(root string) ([]string, error) {
	found := map[string]bool{}
	nested := []string{}
	err := filepath.WalkDir(s.abs(root), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel := s.rel(name)
		if d.IsDir() {
			if rel != root && ignoredByGo(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if d.Name() == "go.mod" {
			nested = append(nested, path.Dir(rel))
		}
		if strings.HasSuffix(rel, ".go") {
			found[rel] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for rel, content := range s.overlay {
		below := root == "." || strings.HasPrefix(rel, root+"/")
		switch {
		case !below:
		case content == nil:
			delete(found, rel)
		case path.Base(rel) == "go.mod":
			nested = append(nested, path.Dir(rel))
		case strings.HasSuffix(rel, ".go") && !slices.ContainsFunc(strings.Split(path.Dir(rel), "/"), ignoredByGo):
			found[rel] = true
		}
	}
	files := make([]string, 0, len(found))
	for rel := range found {
		inNested := slices.ContainsFunc(nested, func(dir string) bool {
			return dir != "." && strings.HasPrefix(rel, dir+"/")
		})
		if !inNested && !ignoredByGo(path.Base(rel)) {
			files = append(files, rel)
		}
	}
	slices.Sort(files)
	return files, nil
}

// ignoredByGo reports whether the go command ignores a file or folder of this name.
func ignoredByGo(name string) bool {
	return name == "vendor" || name == "testdata" || strings.HasPrefix(name, "_") ||
		strings.HasPrefix(name, ".") && name != "."
}

// position returns line and column, from 1, of an offset in content.
func position(content []byte, offset int) (line, column int) {
	before := content[:offset]
	return 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n')
}
