package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
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
func (a *draft) parsePackage(dir string) (*goPackage, error) {
	names := map[string]bool{}
	there, err := project.SourceFiles(a.onDisk(dir))
	if err != nil {
		return nil, err
	}
	for _, name := range there {
		names[path.Join(dir, name)] = true
	}
	for file := range a.changed {
		if path.Dir(file) == dir && project.IsSourceFile(path.Base(file)) {
			names[file] = true
		}
	}
	for _, file := range a.removed {
		delete(names, file)
	}
	p := &goPackage{dir: dir, fset: token.NewFileSet()}
	for name := range names {
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

// name returns the package's name, or other if it has no files.
func (p *goPackage) name(other string) string {
	if len(p.files) == 0 {
		return other
	}
	return p.files[0].Name.Name
}

// declaration returns what declares a name in the package, or nil.
func (p *goPackage) declaration(name string) *declaration {
	for _, d := range p.declarations() {
		if !d.isMethod() && slices.Contains(d.names, name) {
			return d
		}
	}
	return nil
}

// position says where the package declares a name: file:line:column.
func (p *goPackage) position(name string) token.Position {
	d := p.declaration(name)
	at := d.decl.Pos()
	switch decl := d.decl.(type) {
	case *ast.FuncDecl:
		at = decl.Name.Pos()
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			if slices.Contains(specNames(&ast.GenDecl{Specs: []ast.Spec{spec}}), name) {
				at = spec.Pos()
			}
		}
	}
	return p.fset.Position(at)
}

// registers says whether the package registers a type of that name as a kind.
func (p *goPackage) registers(name string) (bool, error) {
	for _, file := range p.files {
		known, err := rewrite.KnownTypes(file.name, file.src)
		if err != nil || slices.Contains(known, name) {
			return err == nil, err
		}
	}
	return false, nil
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

func (d *declaration) isMethod() bool {
	f, ok := d.decl.(*ast.FuncDecl)
	return ok && f.Recv != nil
}

// text returns the declaration's source.
func (d *declaration) text() []byte { return d.file.src[d.start:d.end] }

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

// importNames are the paths that the package's files import, by the names that they have there.
func (p *goPackage) importNames() map[string]string {
	all := map[string]string{}
	for _, file := range p.files {
		for _, spec := range file.Imports {
			at := strings.Trim(spec.Path.Value, "`\"")
			name := path.Base(at)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			all[name] = at
		}
	}
	return all
}

// importPaths are what the package's files import.
func (p *goPackage) importPaths() map[string]bool {
	all := map[string]bool{}
	for _, file := range p.files {
		for _, spec := range file.Imports {
			all[strings.Trim(spec.Path.Value, "`\"")] = true
		}
	}
	return all
}

// firstUse says where the package first uses one that it imports: file:line:column, of the import if nothing else uses it.
func (p *goPackage) firstUse(at string) token.Position {
	for _, file := range p.files {
		for _, spec := range file.Imports {
			if strings.Trim(spec.Path.Value, "`\"") != at {
				continue
			}
			name := path.Base(at)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			for n := range ast.Preorder(file.File) {
				if s, ok := n.(*ast.SelectorExpr); ok && identName(s.X) == name {
					return p.fset.Position(s.Pos())
				}
			}
			return p.fset.Position(spec.Pos())
		}
	}
	return token.Position{}
}

// imports says whether a file of the package imports a path.
func (p *goPackage) imports(at string) bool { return p.importPaths()[at] }
