package codegen

import (
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/packages"
	"k8s.io/gengo/v2"
	"k8s.io/gengo/v2/parser"
)

// gengo's Parser can only be filled by its own packages.Load of everything, in every generator anew (2 s instead of
// 0.4 s in all, and no overlay). This file is the one place that knows its unexported fields; checkLayout, and a test,
// say so if they change.

// fileLine has the layout of gengo's key for comments.
type fileLine struct {
	file string
	line int
}

// universe is what parsers are filled with: packages already loaded.
type universe struct {
	fset     *token.FileSet
	packages map[string]*packages.Package
	comments map[fileLine]*ast.CommentGroup
}

// newParser returns a gengo parser that has the packages. Each generator's input needs its own: a parser hands out its
// types once.
func (u *universe) newParser() (*parser.Parser, error) {
	p := parser.NewWithOptions(parser.Options{BuildTags: []string{gengo.StdBuildTag}})
	if err := checkLayout(); err != nil {
		return nil, err
	}
	v := reflect.ValueOf(p).Elem()
	set(v, "goPkgs", unsafe.Pointer(&u.packages))
	set(v, "fset", unsafe.Pointer(&u.fset))
	set(v, "endLineToCommentGroup", unsafe.Pointer(&u.comments))
	return p, nil
}

// set copies the value at from into the unexported field.
func set(structure reflect.Value, field string, from unsafe.Pointer) {
	f := structure.FieldByName(field)
	reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().Set(reflect.NewAt(f.Type(), from).Elem())
}

// checkLayout says what differs if gengo's Parser is not as this file expects.
func checkLayout() error {
	t := reflect.TypeFor[parser.Parser]()
	wanted := map[string]reflect.Type{
		"goPkgs": reflect.TypeFor[map[string]*packages.Package](),
		"fset":   reflect.TypeFor[*token.FileSet](),
	}
	for name, typ := range wanted {
		if f, ok := t.FieldByName(name); !ok || f.Type != typ {
			return fmt.Errorf("k8s.io/gengo/v2/parser.Parser has no field %s of type %v any more", name, typ)
		}
	}
	f, ok := t.FieldByName("endLineToCommentGroup")
	if !ok || f.Type.Kind() != reflect.Map || f.Type.Elem() != reflect.TypeFor[*ast.CommentGroup]() {
		return fmt.Errorf("k8s.io/gengo/v2/parser.Parser has no map endLineToCommentGroup of comments any more")
	}
	key, ours := f.Type.Key(), reflect.TypeFor[fileLine]()
	if key.Kind() != reflect.Struct || key.NumField() != ours.NumField() {
		return fmt.Errorf("k8s.io/gengo/v2/parser: the key of endLineToCommentGroup is not a file and a line any more")
	}
	for i := range ours.NumField() {
		if key.Field(i).Name != ours.Field(i).Name || key.Field(i).Type != ours.Field(i).Type {
			return fmt.Errorf("k8s.io/gengo/v2/parser: field %d of the key of endLineToCommentGroup changed", i)
		}
	}
	return nil
}

// universe makes the loaded packages and comments available to generators. Packages that nobody checked are there by
// name and folder only.
func (l *loader) universe() *universe {
	u := &universe{
		fset:     l.fset,
		packages: map[string]*packages.Package{},
		comments: map[fileLine]*ast.CommentGroup{},
	}
	made := make(map[string]*packages.Package, len(l.units))
	for path := range l.units {
		l.convert(path, made)
	}
	for path, unit := range l.units {
		if unit.wanted && unit.types != nil {
			u.packages[path] = made[path]
		}
		if unit.types == nil {
			continue
		}
		for _, file := range unit.files {
			name := l.fset.Position(file.FileStart).Filename
			tf := l.fset.File(file.FileStart)
			for _, group := range file.Comments {
				u.comments[fileLine{name, tf.Line(group.End())}] = group
			}
		}
	}
	return u
}

func (l *loader) convert(path string, made map[string]*packages.Package) *packages.Package {
	if p := made[path]; p != nil {
		return p
	}
	unit := l.units[path]
	if unit == nil || unit.Dir == "" {
		return nil
	}
	p := &packages.Package{
		ID: path, PkgPath: path, Name: unit.Name, Dir: unit.Dir, Module: unit.Module, Fset: l.fset,
		Types: unit.types, Syntax: unit.files, Imports: map[string]*packages.Package{},
	}
	made[path] = p
	for _, name := range unit.GoFiles {
		p.GoFiles = append(p.GoFiles, filepath.Join(unit.Dir, name))
	}
	written := make(map[string]string, len(unit.ImportMap))
	for as, path := range unit.ImportMap {
		written[path] = as
	}
	for _, imported := range unit.Imports {
		if q := l.convert(imported, made); q != nil {
			as := imported
			if w, ok := written[imported]; ok {
				as = w
			}
			p.Imports[as] = q
		}
	}
	return p
}
