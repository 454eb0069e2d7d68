package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// kubecraft is the module that every project requires.
const kubecraft = "github.com/kubecraft/kubecraft"

// Load reads the project that dir is in, climbing to the nearest go.mod. Errors are *NotProjectError, or name the file,
// line and column that cannot be read.
func Load(dir string) (*Project, error) {
	root, err := Root(dir)
	if err != nil {
		return nil, err
	}
	module, err := readModule(dir, root)
	if err != nil {
		return nil, err
	}
	p := &Project{Dir: root, Module: module}
	apis := filepath.Join(root, "pkg", "apis")
	folders, err := subfolders(apis)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		g, err := p.readGroup(folder)
		if err != nil {
			return nil, err
		}
		if g != nil {
			p.Groups = append(p.Groups, *g)
		}
	}
	slices.SortFunc(p.Groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return p, nil
}

// Root returns the nearest folder from dir upward that holds a go.mod: absolute, symbolic links resolved.
func Root(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", &NotProjectError{Dir: dir, Reason: "there is no such folder"}
		}
		return "", err
	}
	if info, err := os.Stat(real); err != nil {
		return "", err
	} else if !info.IsDir() {
		return "", &NotProjectError{Dir: dir, Reason: "is a file: give the folder of a project"}
	}
	for at := real; ; {
		info, err := os.Stat(filepath.Join(at, "go.mod"))
		if err == nil && !info.IsDir() {
			return at, nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", &NotProjectError{Dir: dir, Reason: "not in a project: no go.mod here or in a folder above: run `kubecraft init` to make one, or change into one"}
		}
		at = parent
	}
}

// readModule returns the module path of a project.
func readModule(dir, root string) (string, error) {
	file := filepath.Join(root, "go.mod")
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	mod, err := modfile.Parse(file, data, nil)
	if err != nil {
		return "", oneLine(err)
	}
	if mod.Module == nil || mod.Module.Mod.Path == "" {
		return "", fmt.Errorf("%s:1:1: no module line: add `module` and the path by which the project is imported", file)
	}
	path := mod.Module.Mod.Path
	if path == kubecraft {
		return "", &NotProjectError{Dir: dir, Reason: "this is kubecraft's own source: change into a project, or run `kubecraft init DIR` to make one"}
	}
	if !slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == kubecraft }) {
		return "", &NotProjectError{Dir: dir, Reason: fmt.Sprintf("module %s (%s) is not a kubecraft project, it does not require %s: run `kubecraft init` in another folder", path, file, kubecraft)}
	}
	return path, nil
}

// oneLine keeps the first of several problems in a go.mod.
func oneLine(err error) error {
	var list modfile.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return errors.New(strings.ReplaceAll(list[0].Error(), "\n", " "))
	}
	return err
}

// subfolders returns the folders in dir, by path, symbolic links to folders included. A dir that does not exist has none.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			found = append(found, path)
		}
	}
	return found, nil
}
