package scaffold

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// goPackage is the syntax of a package of the project: what people wrote of it, without tests and generated files.
type goPackage struct {
	dir   string
	fset  *token.FileSet
	files []*goFile
}

type goFile struct {
	name string
	src  []byte
	*ast.File
}

// parsePackage reads the package in dir as it is so far. A folder that is not there is a package without files; syntax
// errors carry file, line and column.
func (a *addition) parsePackage(dir string) (*goPackage, error) {
	names := map[string]bool{}
	entries, err := os.ReadDir(a.onDisk(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		names[path.Join(dir, entry.Name())] = true
	}
	for file := range a.changed {
		if path.Dir(file) == dir {
			names[file] = true
		}
	}
	p := &goPackage{dir: dir, fset: token.NewFileSet()}
	for name := range names {
		base := path.Base(name)
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") || strings.HasPrefix(base, "zz_generated.") {
			continue
		}
		src, err := a.read(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.fset, a.onDisk(name), src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, &goFile{name: name, src: src, File: file})
	}
	slices.SortFunc(p.files, func(a, b *goFile) int { return strings.Compare(a.name, b.name) })
	return p, nil
}

// declares says whether the package declares a type of that name.
func (p *goPackage) declares(name string) bool {
	for _, d := range p.declarations() {
		if d.tok == token.TYPE && slices.Contains(d.names, name) {
			return true
		}
	}
	return false
}

// registration returns the file that registers the package's types: register.go, or the first that has such a call.
// It is empty if there is none.
func (p *goPackage) registration() string {
	found := ""
	for _, file := range p.files {
		switch {
		case path.Base(file.name) == "register.go":
			return file.name
		case found == "" && bytes.Contains(file.src, []byte(".AddKnownTypes(")):
			found = file.name
		}
	}
	return found
}

// functions returns the names of the package's functions, without methods.
func (p *goPackage) functions() []string {
	var names []string
	for _, file := range p.files {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// declaration is a top-level declaration of types, constants, variables or a function (tok is FUNC), with the comments
// above it: generators read markers from comments that stand apart too.
type declaration struct {
	file  *goFile
	tok   token.Token
	names []string
	decl  ast.Decl
	// start and end are offsets in the file.
	start, end int
}

func (p *goPackage) declarations() []*declaration {
	var all []*declaration
	for _, file := range p.files {
		offset := func(pos token.Pos) int { return p.fset.Position(pos).Offset }
		start := lineEndAfter(file.src, offset(file.Name.End()))
		for _, decl := range file.Decls {
			end := lineEndAfter(file.src, offset(decl.End()))
			d := &declaration{file: file, decl: decl, start: start, end: end}
			start = end
			switch decl := decl.(type) {
			case *ast.GenDecl:
				d.tok = decl.Tok
				d.names = specNames(decl)
			case *ast.FuncDecl:
				d.tok = token.FUNC
				d.names = []string{decl.Name.Name}
			}
			if d.tok != token.IMPORT {
				all = append(all, d)
			}
		}
	}
	return all
}

// lineEndAfter returns the offset behind the line that offset is in.
func lineEndAfter(src []byte, offset int) int {
	for offset < len(src) && src[offset] != '\n' {
		offset++
	}
	return min(offset+1, len(src))
}

func specNames(decl *ast.GenDecl) []string {
	var names []string
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, spec.Name.Name)
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
