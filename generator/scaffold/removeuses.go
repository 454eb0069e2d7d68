package scaffold

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
)

// goneNames is what a package loses: some names, or all of them with the package itself.
type goneNames struct {
	all   bool
	names map[string]bool
	// with is the type that it goes with.
	with string
}

// uses returns where the files that stay refer to what has gone: file:line:column. It goes by names and compiles nothing, so that
// methods of a type that goes are not followed.
func (rm *removal) uses(types []resource.Type) ([]string, error) {
	gone, err := rm.gone(types)
	if err != nil {
		return nil, err
	}
	clients, err := rm.goneClients(types, gone)
	if err != nil {
		return nil, err
	}
	var found []string
	err = rm.eachGoFile(func(file string, src []byte) error {
		if project.IsGenerated(file) {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, src, 0)
		if err != nil {
			return err
		}
		u := &usage{file: parsed, dir: path.Dir(file), module: rm.project.Module, gone: gone, clients: clients}
		u.find()
		slices.SortFunc(u.found, func(a, b foundUse) int { return cmp.Compare(a.at, b.at) })
		for _, use := range u.found {
			found = append(found, fmt.Sprintf("%s: uses %s, which goes with %s", fset.Position(use.at), use.what, use.with))
		}
		return nil
	})
	return found, err
}

// gone returns what packages lose, by import path.
func (rm *removal) gone(types []resource.Type) (map[string]goneNames, error) {
	with := map[string]string{} // by folder
	for _, file := range slices.Concat(rm.removed, slices.Sorted(maps.Keys(rm.changed))) {
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		with[path.Dir(file)] = types[0].Words()
		for _, t := range types {
			if strings.Contains(file, strings.ToLower(t.Kind)) {
				with[path.Dir(file)] = t.Words()
			}
		}
	}
	gone := map[string]goneNames{}
	disk := newDraft(rm.project)
	for dir, of := range with {
		before, err := disk.parsePackage(dir)
		if err != nil {
			return nil, err
		}
		after, err := rm.parsePackage(dir)
		if err != nil {
			return nil, err
		}
		g := goneNames{all: len(after.files) == 0, names: map[string]bool{}, with: of}
		for _, d := range before.declarations() {
			for _, name := range d.names {
				if !d.isMethod() && after.declaration(name) == nil {
					g.names[name] = true
				}
			}
		}
		if g.all || len(g.names) > 0 {
			gone[rm.importPath(dir)] = g
		}
	}
	return gone, nil
}

// goneClient is a method by which generated clients and informers hand out the client of a kind.
type goneClient struct {
	method string // "Bars"
	// of is what it is called on, in lower case: "examplev1" of clients, "v1" of informers.
	of   []string
	with string
}

// goneClients adds to gone what generated packages will lose, and returns the methods that go. The generated code is on disk as it
// was for the types before; where there is none, nothing can use it.
func (rm *removal) goneClients(types []resource.Type, gone map[string]goneNames) ([]goneClient, error) {
	var clients []goneClient
	disk := newDraft(rm.project)
	for _, t := range types {
		g := rm.project.Group(t.Group)
		version := path.Join(g.Dir, cmp.Or(g.Version(t.Version).Dir, t.Version))
		for _, dir := range []string{"clientset/versioned/typed", "listers", "informers/externalversions", "applyconfiguration"} {
			dir = path.Join(project.GeneratedDir, dir, version)
			p, err := disk.parsePackage(dir)
			if err != nil {
				return nil, err
			}
			at := rm.importPath(dir)
			lost := gone[at]
			if lost.names == nil {
				lost = goneNames{names: map[string]bool{}, with: t.Words()}
			}
			kind := strings.ToLower(t.Kind)
			for _, d := range p.declarations() {
				file := strings.TrimSuffix(path.Base(d.file.name), ".go")
				if d.isMethod() || file != kind && file != kind+"spec" && file != kind+"status" {
					continue
				}
				for _, name := range d.names {
					lost.names[name] = true
					if method, ok := strings.CutSuffix(name, "Getter"); ok && method != "" {
						clients = append(clients, goneClient{method, []string{strings.ReplaceAll(version, "/", ""), path.Base(version)}, t.Words()})
					}
				}
			}
			left := rm.left.Group(t.Group).Version(t.Version)
			lost.all = left == nil && len(p.files) > 0
			gone[at] = lost
		}
	}
	return clients, nil
}

// usage looks for what goes in one file.
type usage struct {
	file    *ast.File
	dir     string
	module  string
	gone    map[string]goneNames
	clients []goneClient
	found   []foundUse
}

type foundUse struct {
	at         token.Pos
	what, with string
}

func (u *usage) find() {
	known := map[string]goneNames{} // by the name under which the file imports it
	generated := false
	for _, spec := range u.file.Imports {
		at, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		generated = generated || strings.HasPrefix(at, path.Join(u.module, project.GeneratedDir)+"/")
		g, ok := u.gone[at]
		if !ok {
			continue
		}
		name, _ := importSpec(spec)
		known[name] = g
		if g.all {
			u.found = append(u.found, foundUse{spec.Pos(), "package " + at, g.with})
		}
	}
	own, inPackage := u.gone[path.Join(u.module, u.dir)]
	inPackage = inPackage && !strings.HasSuffix(u.file.Name.Name, "_test")
	keys := map[*ast.Ident]bool{}
	for node := range ast.Preorder(u.file) {
		switch node := node.(type) {
		case *ast.CompositeLit:
			// Keys of a struct are its fields.
			if _, ok := node.Type.(*ast.MapType); !ok {
				for _, element := range node.Elts {
					if kv, ok := element.(*ast.KeyValueExpr); ok {
						if id, ok := kv.Key.(*ast.Ident); ok {
							keys[id] = true
						}
					}
				}
			}
		case *ast.SelectorExpr:
			if x, ok := node.X.(*ast.Ident); ok && x.Obj == nil {
				if g, ok := known[x.Name]; ok && !g.all && g.names[node.Sel.Name] {
					u.found = append(u.found, foundUse{node.Pos(), x.Name + "." + node.Sel.Name, g.with})
				}
			}
			if generated {
				u.client(node)
			}
		}
	}
	if !inPackage {
		return
	}
	for _, id := range u.file.Unresolved {
		if own.names[id.Name] && !keys[id] {
			u.found = append(u.found, foundUse{id.Pos(), id.Name, own.with})
		}
	}
}

// client notes a method of a generated client, as in client.ExampleV1().Bars("default").
func (u *usage) client(s *ast.SelectorExpr) {
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return
	}
	on, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	for _, c := range u.clients {
		if s.Sel.Name == c.method && slices.Contains(c.of, strings.ToLower(on.Sel.Name)) {
			u.found = append(u.found, foundUse{s.Sel.Pos(), on.Sel.Name + "()." + c.method, c.with})
		}
	}
}

// within is the slash path of a file of the project from its root.
func (a *draft) within(file string) string {
	if rel, err := filepath.Rel(a.project.Dir, file); err == nil {
		file = rel
	}
	return filepath.ToSlash(file)
}
