package rewrite

import (
	"cmp"
	"go/ast"
	"slices"
	"strings"
)

// Place is where a file refers to a package.
type Place struct {
	// Package is the import path, empty if the text names none.
	Package string
	// Text is the source.
	Text string
	// Line and Column count from 1.
	Line, Column int
	// Spread says that it stands for several, as in parts... at the end of a call.
	Spread bool
}

// place describes an expression by the first package that it names.
func (f *file) place(e ast.Expr) Place {
	offset := f.offset(e.Pos())
	p := Place{Text: f.text(e), Line: f.line(offset), Column: offset - f.lineStart(offset) + 1}
	for n := range ast.Preorder(e) {
		if s, ok := n.(*ast.SelectorExpr); ok && p.Package == "" {
			p.Package = f.importPathOf(identName(s.X))
		}
	}
	return p
}

// importPathOf returns the path of the package that the file knows by that name, "" if it knows none.
func (f *file) importPathOf(name string) string {
	for _, spec := range f.ast.Imports {
		path := importPath(spec)
		if known, ok := f.importName(path); ok && known == name && name != "" {
			return path
		}
	}
	return ""
}

// Parts returns the parts that a call of controlplane.Main is given. PartLists may know what one that is spread stands for.
func Parts(filename string, src []byte) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	call := f.mainCall()
	if call == nil {
		return nil, nil
	}
	var places []Place
	for _, arg := range call.Args[min(mainArguments, len(call.Args)):] {
		places = append(places, f.place(arg))
	}
	if len(places) > 0 {
		places[len(places)-1].Spread = call.Ellipsis.IsValid()
	}
	return places, nil
}

// PartLists returns the elements of literals of type []controlplane.Part, and what is appended to variables that the file declares to be
// of that type.
func PartLists(filename string, src []byte) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	lists := f.partLists()
	var places []Place
	for n := range ast.Preorder(f.ast) {
		var elements []ast.Expr
		switch n := n.(type) {
		case *ast.CompositeLit:
			if f.isPartList(n.Type) {
				elements = n.Elts
			}
		case *ast.CallExpr:
			if identName(n.Fun) == "append" && !n.Ellipsis.IsValid() && len(n.Args) > 0 && lists[identName(n.Args[0])] {
				elements = n.Args[1:]
			}
		}
		for _, e := range elements {
			places = append(places, f.place(e))
		}
	}
	return places, nil
}

// partLists are the names of variables, parameters and results of type []controlplane.Part.
func (f *file) partLists() map[string]bool {
	lists := map[string]bool{}
	note := func(names []*ast.Ident) {
		for _, name := range names {
			lists[name.Name] = true
		}
	}
	for n := range ast.Preorder(f.ast) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, value := range n.Rhs {
				if lit, ok := value.(*ast.CompositeLit); ok && f.isPartList(lit.Type) && i < len(n.Lhs) {
					lists[identName(n.Lhs[i])] = true
				}
			}
		case *ast.ValueSpec:
			for i, value := range n.Values {
				if lit, ok := value.(*ast.CompositeLit); ok && f.isPartList(lit.Type) && i < len(n.Names) {
					note(n.Names[i : i+1])
				}
			}
			if f.isPartList(n.Type) {
				note(n.Names)
			}
		case *ast.Field:
			if f.isPartList(n.Type) {
				note(n.Names)
			}
		}
	}
	delete(lists, "")
	return lists
}

// isPartList says whether an expression is the type []controlplane.Part.
func (f *file) isPartList(e ast.Expr) bool {
	list, ok := e.(*ast.ArrayType)
	return ok && f.isControlplane(list.Elt, "Part")
}

// isControlplane says whether an expression is what controlplane exports under a name.
func (f *file) isControlplane(e ast.Expr, name string) bool {
	of, ok := e.(*ast.SelectorExpr)
	return ok && of.Sel.Name == name && f.importPathOf(identName(of.X)) == controlplane
}

// Needs returns the elements of literals of type controlplane.Needs: resources that are served if nothing else serves them.
func Needs(filename string, src []byte) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var places []Place
	for n := range ast.Preorder(f.ast) {
		if lit, ok := n.(*ast.CompositeLit); ok && f.isControlplane(lit.Type, "Needs") {
			for _, e := range lit.Elts {
				places = append(places, f.place(e))
			}
		}
	}
	return places, nil
}

// mainArguments is how many arguments controlplane.Main has before the parts.
const mainArguments = 2

// Groups returns the elements of the lists of API groups, each with the package of its Install function, or of what else makes it.
func Groups(filename string, src []byte) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var places []Place
	for _, list := range f.groupLists() {
		for _, element := range list.Elts {
			p := f.place(element)
			if lit, ok := element.(*ast.CompositeLit); ok {
				for _, elt := range lit.Elts {
					if kv, ok := elt.(*ast.KeyValueExpr); ok && identName(kv.Key) == "Install" {
						p.Package = f.importPathOf(qualifier(kv.Value))
					}
				}
			}
			places = append(places, p)
		}
	}
	return places, nil
}

// StorageVersions returns the versions that calls of registry.StorageVersion name.
func StorageVersions(filename string, src []byte) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var places []Place
	for _, s := range f.storageVersions() {
		places = append(places, f.place(s))
	}
	return places, nil
}

// Served is a path that a version serves, as in "bars/status".
type Served struct {
	Version, Path string
	// Line and Column count from 1.
	Line, Column int
}

// ServedAt returns what ServedPaths does with the places that say so, but for what is served under a condition.
func ServedAt(filename string, src []byte) ([]Served, error) {
	var all []Served
	err := eachServed(filename, src, func(_ *registry, at Served, _ ast.Expr) { all = append(all, at) })
	return all, err
}

// ServedOtherwise returns the places where a version serves a resource, or a path below it, by another expression than written
// returns: of a path, the variable that holds what the constructor returns, and the scheme. RemoveResourceStorage takes them out.
func ServedOtherwise(filename string, src []byte, constructor, version, resource string, written func(path, storage, scheme string) string) ([]Served, error) {
	var all []Served
	err := eachServed(filename, src, func(r *registry, at Served, value ast.Expr) {
		if at.Version != version || (at.Path != resource && !strings.HasPrefix(at.Path, resource+"/")) {
			return
		}
		variable, _ := r.variable(constructor)
		scheme, _ := r.parameters()
		if tokens(r.text(value)) != tokens(written(at.Path, variable, scheme)) {
			all = append(all, at)
		}
	})
	return all, err
}

// eachServed calls visit with what versions serve under no condition, in order, and the expressions for the storage.
func eachServed(filename string, src []byte, visit func(r *registry, at Served, value ast.Expr)) error {
	f, err := parse(filename, src)
	if err != nil {
		return err
	}
	type entry struct {
		Served
		r     *registry
		value ast.Expr
	}
	var all []entry
	for _, r := range f.registries() {
		for _, m := range r.maps {
			add := func(path string, at ast.Node, value ast.Expr) {
				offset := f.offset(at.Pos())
				all = append(all, entry{Served{m.version, path, f.line(offset), offset - f.lineStart(offset) + 1}, r, value})
			}
			for path, stmt := range m.indexed {
				add(path, stmt, stmt.Rhs[0])
			}
			if m.literal == nil {
				continue
			}
			for _, e := range m.literal.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if path, ok := stringValue(kv.Key); ok {
						add(path, kv, kv.Value)
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Path, b.Path))
	})
	for _, e := range all {
		visit(e.r, e.Served, e.value)
	}
	return nil
}

// Values returns what composite literals of a type of the package at path give a field: what RemoveValue takes out.
func Values(filename string, src []byte, path, typ, field string) ([]Place, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var places []Place
	for _, v := range f.values(path, typ, field) {
		places = append(places, f.place(v.field.Value))
	}
	return places, nil
}
