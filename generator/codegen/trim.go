package codegen

import (
	"go/ast"
	"go/token"
	"strconv"
)

// trimmer finds which declarations of dependencies are needed, and so which packages are. A package that generators
// look at is needed whole. So is what others export, with what it is made of, for generators to find their functions and
// methods, such as DeepCopy. Of Go's own packages, only the types and values stay that something needed names, and the
// one kind of method there that a generator asks for: UnmarshalJSON, by which openapi-gen tells whether a default is due.
type trimmer struct {
	l      *loader
	todo   []declaration      // to look through
	unread []*unit            // first named meanwhile
	named  map[*unit][]string // what was named of packages before they were read
}

// declaration is a specification, a function or a method, or a whole block of constants, which count on from those before.
type declaration struct {
	of      *unit
	node    ast.Node
	imports map[string]*unit // by their names in the file
}

// trim parses the packages at paths and all that they need, and removes the rest.
func (l *loader) trim(paths []string) {
	t := &trimmer{l: l, named: map[*unit][]string{}}
	for _, path := range paths {
		if u := l.units[path]; u != nil {
			t.name(u, everything)
		}
	}
	for len(t.unread) > 0 {
		read := t.unread
		t.unread = nil
		l.parse(read)
		for _, u := range read {
			t.index(u)
			for _, name := range t.named[u] {
				t.keep(u, name)
			}
		}
		for len(t.todo) > 0 {
			d := t.todo[len(t.todo)-1]
			t.todo = t.todo[:len(t.todo)-1]
			ast.Inspect(d.node, func(n ast.Node) bool { return t.uses(d, n) })
		}
	}
	for u := range t.named {
		u.drop()
	}
}

// name notes that a package is needed, with the declaration of a name.
func (t *trimmer) name(u *unit, name string) {
	if u.declared != nil {
		t.keep(u, name)
		return
	}
	if _, noted := t.named[u]; !noted {
		t.unread = append(t.unread, u)
	}
	t.named[u] = append(t.named[u], name)
}

// everything is what a dot import names.
const everything = "."

// keep keeps what stands or falls with a name.
func (t *trimmer) keep(u *unit, name string) {
	if name == everything {
		for name := range u.declared {
			if ast.IsExported(name) {
				t.keep(u, name)
			}
		}
		return
	}
	for _, d := range u.declared[name] {
		if !u.kept[d.node] {
			u.kept[d.node] = true
			t.todo = append(t.todo, d)
		}
	}
}

// uses keeps what an identifier in a declaration may stand for.
func (t *trimmer) uses(d declaration, node ast.Node) bool {
	switch n := node.(type) {
	case *ast.SelectorExpr:
		if id, ok := n.X.(*ast.Ident); ok && d.imports[id.Name] != nil {
			imported := d.imports[id.Name]
			d.of.need[imported] = true
			t.name(imported, n.Sel.Name)
		}
		ast.Inspect(n.X, func(n ast.Node) bool { return t.uses(d, n) })
		return false
	case *ast.Ident:
		t.keep(d.of, n.Name)
	}
	return true
}

// index finds a package's declarations, and keeps those that are needed whoever names them.
func (t *trimmer) index(u *unit) {
	u.declared, u.kept, u.need = map[string][]declaration{}, map[ast.Node]bool{}, map[*unit]bool{}
	for _, file := range u.files {
		imports := t.imports(u, file)
		for _, decl := range file.Decls {
			u.declare(decl, imports)
		}
	}
	for name := range u.declared {
		if u.whole() || ast.IsExported(name) && !u.Standard {
			t.keep(u, name)
		}
	}
}

// imports returns what a file imports, by name. What cannot be loaded is left to the type checker to complain of.
func (t *trimmer) imports(u *unit, file *ast.File) map[string]*unit {
	named := map[string]*unit{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || path == "unsafe" {
			continue
		}
		imported := t.l.units[u.resolve(path)]
		switch {
		case imported == nil:
		case spec.Name == nil:
			named[imported.Name] = imported
		case spec.Name.Name == ".":
			u.need[imported] = true
			t.name(imported, everything)
		case spec.Name.Name != "_":
			named[spec.Name.Name] = imported
		}
	}
	return named
}

// declare notes what a declaration declares, methods under the name of their type.
func (u *unit) declare(decl ast.Decl, imports map[string]*unit) {
	add := func(name *ast.Ident, node ast.Node) {
		if name != nil {
			u.declared[name.Name] = append(u.declared[name.Name], declaration{u, node, imports})
		}
	}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add(d.Name, d)
		} else if u.whole() || d.Name.IsExported() && (!u.Standard || d.Name.Name == "UnmarshalJSON") {
			add(receiver(d), d)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Name, s)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if d.Tok == token.CONST {
						add(name, d)
					} else {
						add(name, s)
					}
				}
				if d.Tok == token.VAR && s.Type != nil && !u.whole() {
					s.Values = nil
				}
			}
		}
	}
}

// drop removes what nothing has kept.
func (u *unit) drop() {
	if u.whole() {
		return
	}
	for _, file := range u.files {
		kept := file.Decls[:0:0]
		for _, decl := range file.Decls {
			if u.prune(decl) {
				kept = append(kept, decl)
			}
		}
		file.Decls = kept
	}
}

// prune drops what nothing has kept of a declaration, and reports whether anything is left.
func (u *unit) prune(decl ast.Decl) bool {
	d, ok := decl.(*ast.GenDecl)
	if !ok || d.Tok == token.CONST {
		return u.kept[decl]
	}
	if d.Tok == token.IMPORT {
		return true
	}
	kept := d.Specs[:0:0]
	for _, spec := range d.Specs {
		if u.kept[spec] {
			kept = append(kept, spec)
		}
	}
	d.Specs = kept
	return len(kept) > 0
}

// receiver returns the name of the type that a method is of, or nil if there is none.
func receiver(method *ast.FuncDecl) *ast.Ident {
	if len(method.Recv.List) == 0 {
		return nil
	}
	of := method.Recv.List[0].Type
	for {
		switch t := of.(type) {
		case *ast.Ident:
			return t
		case *ast.StarExpr:
			of = t.X
		case *ast.ParenExpr:
			of = t.X
		case *ast.IndexExpr:
			of = t.X
		case *ast.IndexListExpr:
			of = t.X
		default:
			return nil
		}
	}
}

// dropBodies removes function bodies: generators look at declarations only.
func dropBodies(file *ast.File) {
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			f.Body = nil
		}
	}
}
