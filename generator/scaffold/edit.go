package scaffold

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// editFunc changes a file's content; filename is for messages.
type editFunc func(filename string, src []byte) ([]byte, error)

// draft is a project's files on their way to what they are to become.
type draft struct {
	project *project.Project
	// changed holds the new contents of files, before what was read of those that were there.
	changed, before map[string][]byte
	// removed are files that go.
	removed []string
}

func newDraft(p *project.Project) draft {
	return draft{project: p, changed: map[string][]byte{}, before: map[string][]byte{}}
}

// read returns the file as it is so far.
func (a *draft) read(file string) ([]byte, error) {
	if slices.Contains(a.removed, file) {
		return nil, &fs.PathError{Op: "open", Path: a.onDisk(file), Err: fs.ErrNotExist}
	}
	if content, ok := a.changed[file]; ok {
		return content, nil
	}
	if content, ok := a.before[file]; ok {
		return content, nil
	}
	content, err := os.ReadFile(a.onDisk(file))
	if err == nil {
		a.before[file] = content
	}
	return content, err
}

func (a *draft) onDisk(file string) string {
	return filepath.Join(a.project.Dir, filepath.FromSlash(file))
}

// write notes the file's new content, unless that is what it has.
func (a *draft) write(file string, content []byte) error {
	old, err := a.read(file)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a.set(file, content)
	return nil
}

// set notes the file's new content.
func (a *draft) set(file string, content []byte) {
	a.changed[file] = content
	a.removed = slices.DeleteFunc(a.removed, func(name string) bool { return name == file })
}

// create renders the file unless it is there.
func (a *addition) create(file, template string) error {
	_, err := a.read(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content, err := render(template, a.kind)
	if err != nil {
		return err
	}
	a.set(file, content)
	return nil
}

// createOrEditPlace edits the file of the package in dir that has the place for it, usually the one of that name, and
// renders that one if the package has none at all.
func (a *addition) createOrEditPlace(dir, usual, template string, edit editFunc) error {
	p, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	if len(p.files) == 0 {
		return a.create(path.Join(dir, usual), template)
	}
	return a.editPlace(p, usual, nil, edit)
}

// editPlace edits the file of a package that has the place for it, wherever the user has moved it to. Without one the error
// is about the file that usually has it, or, in a package without files, notFound.
func (a *draft) editPlace(p *goPackage, usual string, notFound *rewrite.NotFoundError, edit editFunc) error {
	files := slices.Clone(p.files)
	slices.SortStableFunc(files, func(a, b *goFile) int { return isNot(path.Base(a.name), usual) - isNot(path.Base(b.name), usual) })
	found, content := "", []byte(nil)
	for i, file := range files {
		edited, err := edit(a.onDisk(file.name), file.src)
		var missing *rewrite.NotFoundError
		switch {
		case errors.As(err, &missing):
			if i == 0 {
				notFound = missing
				if path.Base(file.name) != usual {
					notFound.File = a.onDisk(p.dir)
				}
			}
		case err != nil:
			return err
		case bytes.Equal(edited, file.src):
			return nil
		case found == "":
			found, content = file.name, edited
		}
	}
	if found == "" {
		return notFound
	}
	return a.write(found, content)
}

func isNot(name, wanted string) int {
	if name == wanted {
		return 0
	}
	return 1
}

// imported is a package that an edit refers to, and the name that it would have.
type imported struct{ path, want string }

// given is what an import has in front of its path for the package to be known by a name.
func (p imported) given(name string) string {
	if name == path.Base(p.path) {
		return ""
	}
	return name
}

// missingImports are the imports, as they are written, of the packages that lines refer to and the file does not import.
func missingImports(filename string, src []byte, packages []imported, names []string, lines string) ([]string, error) {
	var missing []string
	for i, p := range packages {
		_, there, err := rewrite.ImportName(filename, src, p.path)
		if err != nil {
			return nil, err
		}
		if !there && strings.Contains(lines, names[i]+".") {
			missing = append(missing, strings.TrimSpace(p.given(names[i])+" "+strconv.Quote(p.path)))
		}
	}
	return missing, nil
}

// withImports makes an edit of one that refers to packages by the names under which the file knows them. An edit that
// changes nothing imports nothing; one that finds no place says what the lines to add by hand import.
func withImports(packages []imported, edit func(filename string, src []byte, names []string) ([]byte, error)) editFunc {
	return func(filename string, src []byte) ([]byte, error) {
		names := make([]string, len(packages))
		for i, p := range packages {
			name, err := rewrite.NameFor(filename, src, p.path, p.want)
			if err != nil {
				return nil, err
			}
			names[i] = name
		}
		out, err := edit(filename, src, names)
		if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
			missing.Imports, err = missingImports(filename, src, packages, names, missing.Lines)
			return nil, cmp.Or(err, error(missing))
		}
		if err != nil || bytes.Equal(out, src) {
			return src, err
		}
		out = src
		for i, p := range packages {
			if out, err = rewrite.AddImport(filename, out, p.given(names[i]), p.path); err != nil {
				return nil, err
			}
		}
		return edit(filename, out, names)
	}
}
