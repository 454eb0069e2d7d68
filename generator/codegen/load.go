package codegen

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// unit is a package that may be parsed and checked, once something needs it.
type unit struct {
	*listed
	wanted bool // a generator looks at all of it, not just at what others use
	own    bool // part of the user's module
	files  []*ast.File
	errs   scanner.ErrorList
	types  *types.Package
	busy   bool

	// What trimming finds: the declarations by name, those that are needed, and the packages that these need.
	declared map[string][]declaration
	kept     map[ast.Node]bool
	need     map[*unit]bool
}

// whole says that all of the package is looked at.
func (u *unit) whole() bool { return u.wanted || u.own }

// loader parses and type-checks packages on demand, without function bodies: of the 270 packages that API types import,
// generators need a third.
type loader struct {
	src    *source
	fset   *token.FileSet
	units  map[string]*unit
	sizes  types.Sizes
	syntax []Diagnostic // files of the user's that do not parse
	typing []Diagnostic // declarations of the user's that do not type-check
}

func newLoader(src *source, found map[string]*listed, wanted []string) *loader {
	l := &loader{
		src:   src,
		fset:  token.NewFileSet(),
		units: make(map[string]*unit, len(found)),
		sizes: types.SizesFor("gc", runtime.GOARCH),
	}
	for path, p := range found {
		l.units[path] = &unit{listed: p, own: p.Module != nil && p.Module.Main}
	}
	for _, path := range wanted {
		if u := l.units[path]; u != nil {
			u.wanted = true
		}
	}
	return l
}

// load checks the packages and whatever their declarations need. It notes problems in the user's own packages only:
// others cannot be told from the consequences of loading lazily.
func (l *loader) load(paths []string) {
	l.trim(paths)
	for _, path := range paths {
		if u := l.units[path]; u != nil {
			l.check(u)
		}
	}
}

// parse reads packages' files, several at a time.
func (l *loader) parse(units []*unit) {
	next := make(chan *unit)
	var parsing sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(units)) {
		parsing.Go(func() {
			for u := range next {
				l.parseUnit(u)
			}
		})
	}
	for _, u := range units {
		next <- u
	}
	close(next)
	parsing.Wait()
}

// parseUnit reads a package's files, without what generators do not look at: function bodies, and the comments of Go's own
// packages, in which there are no markers.
func (l *loader) parseUnit(u *unit) {
	mode := parser.SkipObjectResolution
	if !u.Standard {
		mode |= parser.ParseComments
	}
	for _, name := range append(append([]string{}, u.GoFiles...), u.CgoFiles...) {
		full := filepath.Join(u.Dir, name)
		content, err := l.read(full)
		if err != nil {
			u.errs.Add(token.Position{Filename: full}, err.Error())
			continue
		}
		if !u.own {
			blankBodies(content)
		}
		file, err := parser.ParseFile(l.fset, full, content, mode)
		if list, ok := err.(scanner.ErrorList); ok {
			u.errs = append(u.errs, list...)
		} else if err != nil {
			u.errs.Add(token.Position{Filename: full}, err.Error())
		}
		if file != nil {
			dropBodies(file)
			u.files = append(u.files, file)
		}
	}
}

func (l *loader) read(name string) ([]byte, error) {
	if rel := relativeTo(name, l.src.dir); rel != "" {
		content, err := l.src.read(rel)
		return bytes.Clone(content), err // it may be the overlay's own, and is written to
	}
	return os.ReadFile(name)
}

// check type-checks a package after the packages that its declarations use.
func (l *loader) check(u *unit) *types.Package {
	if u.types != nil {
		return u.types
	}
	if u.busy { // the go command reports the cycle with positions
		return types.NewPackage(u.ImportPath, u.Name)
	}
	u.busy = true
	if u.own {
		for _, e := range u.errs {
			l.syntax = append(l.syntax, l.diagnostic(e.Pos, e.Msg))
		}
	}
	config := &types.Config{
		Importer:         importer{l, u},
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Sizes:            l.sizes,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && u.own && len(u.errs) == 0 && l.blames(u, e) {
				l.typing = append(l.typing, l.diagnostic(l.fset.Position(e.Pos), e.Msg))
			}
		},
	}
	if u.Module != nil && u.Module.GoVersion != "" {
		config.GoVersion = "go" + u.Module.GoVersion
	}
	pkg := types.NewPackage(u.ImportPath, u.Name)
	_ = types.NewChecker(config, l.fset, pkg, nil).Files(u.files) // reported above
	u.types = pkg
	return pkg
}

// blames reports whether a type error is the user's. Soft errors may be due to methods that dependencies were trimmed of,
// or to bodies that were dropped and used an import; those in initial values to generated code, which is hidden here
// (var _ runtime.Object = &Foo{}); those that start with a tab continue another one.
func (l *loader) blames(u *unit, e types.Error) bool {
	if e.Soft || strings.HasPrefix(e.Msg, "\t") {
		return false
	}
	for _, file := range u.files {
		if e.Pos < file.FileStart || e.Pos > file.FileEnd {
			continue
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR && d.Pos() <= e.Pos && e.Pos < d.End() {
				return inDeclaredType(d, e.Pos)
			}
		}
	}
	return true
}

func inDeclaredType(d *ast.GenDecl, pos token.Pos) bool {
	for _, spec := range d.Specs {
		if s, ok := spec.(*ast.ValueSpec); ok && s.Type != nil && s.Type.Pos() <= pos && pos < s.Type.End() {
			return true
		}
	}
	return false
}

func (l *loader) diagnostic(at token.Position, message string) Diagnostic {
	return Diagnostic{File: l.src.rel(at.Filename), Line: at.Line, Column: at.Column, Message: oneLine(message)}
}

// resolve maps an import as written to the path of the package that it means (they differ in vendored std packages).
func (u *unit) resolve(path string) string {
	if mapped, ok := u.ImportMap[path]; ok {
		return mapped
	}
	return path
}

// importer gives the type checker real packages where declarations need them and empty ones elsewhere.
type importer struct {
	l    *loader
	from *unit
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	path = i.from.resolve(path)
	u := i.l.units[path]
	if u == nil || u.Name == "" {
		return nil, fmt.Errorf("package %s cannot be loaded", path)
	}
	if !i.from.need[u] {
		empty := types.NewPackage(path, u.Name)
		empty.MarkComplete()
		return empty, nil
	}
	return i.l.check(u), nil
}

// oneLine joins a message's lines.
func oneLine(message string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(message, "\n", " ")), " ")
}
