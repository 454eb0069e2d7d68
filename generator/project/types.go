package project

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// Place is a place in a project's code.
type Place struct {
	// File is a slash path from the project's root.
	File string `json:"file"`
	// Line and Column count from 1.
	Line   int `json:"line"`
	Column int `json:"-"`
}

// Type is a Go type that has what objects of an API have, in a version's package, and how far it has come from there.
type Type struct {
	Group, Version, Kind string
	// Declared is where.
	Declared Place
	// Registered says that the version's package registers it, Internal that the group's package registers one of its name.
	Registered, Internal bool
	// Stored says that there is storage for the kind, IsServed that the version serves it, and Served where: an empty place if that is
	// not written as an entry of a map.
	Stored, IsServed bool
	Served           Place
}

// ReadTypes returns the types that look like kinds, in the order of the files, whether or not anything is done with them.
func (p *Project) ReadTypes() ([]Type, error) {
	var all []Type
	for _, g := range p.Groups {
		dir := filepath.Join(p.Dir, "pkg", "apis", g.Dir)
		internal, err := readPackage(dir)
		if err != nil {
			return nil, err
		}
		inGroup, err := registered(internal)
		if err != nil {
			return nil, err
		}
		served, err := p.servedAt(&g)
		if err != nil {
			return nil, err
		}
		for _, v := range g.Versions {
			files, err := readPackage(filepath.Join(dir, v.Dir))
			if err != nil {
				return nil, err
			}
			inVersion, err := registered(files)
			if err != nil {
				return nil, err
			}
			for _, t := range p.objects(files) {
				t.Group, t.Version = g.Name, v.Name
				t.Registered, t.Internal = slices.Contains(inVersion, t.Kind), slices.Contains(inGroup, t.Kind)
				plural := resource.Pluralize(t.Kind)
				if k := g.Kind(t.Kind); k != nil {
					plural, t.Stored = k.Resource.Plural, k.RegistryPackage != ""
					t.IsServed = slices.Contains(k.served, v.Name)
				}
				t.Served = served[v.Name+" "+plural]
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// servedAt returns where a group's registry serves what, by version and path.
func (p *Project) servedAt(g *Group) (map[string]Place, error) {
	files, err := readPackage(filepath.Join(p.Dir, "pkg", "registry", g.Dir))
	if err != nil {
		return nil, err
	}
	places := map[string]Place{}
	for _, f := range files {
		served, err := rewrite.ServedAt(f.name, f.src)
		if err != nil {
			return nil, err
		}
		for _, s := range served {
			places[s.Version+" "+s.Path] = Place{p.rel(f.name), s.Line, s.Column}
		}
	}
	return places, nil
}

// Subresources returns the subresources of a resource that a version serves, sorted.
func (p *Project) Subresources(g *Group, version, plural string) ([]string, error) {
	served, err := p.servedAt(g)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range served {
		if sub, ok := strings.CutPrefix(name, version+" "+plural+"/"); ok {
			names = append(names, sub)
		}
	}
	slices.Sort(names)
	return names, nil
}

func registered(files []sourceFile) ([]string, error) {
	var names []string
	for _, f := range files {
		known, err := rewrite.KnownTypes(f.name, f.src)
		if err != nil {
			return nil, err
		}
		names = append(names, known...)
	}
	return names, nil
}

// objects returns the exported types of a package that have the metadata of an object.
func (p *Project) objects(files []sourceFile) []Type {
	var found []Type
	for _, f := range files {
		for n := range ast.Preorder(f.tree) {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				continue
			}
			if s, ok := spec.Type.(*ast.StructType); ok && embeds(s, "TypeMeta") && embeds(s, "ObjectMeta") {
				at := f.fset.Position(spec.Name.Pos())
				found = append(found, Type{Kind: spec.Name.Name, Declared: Place{p.rel(f.name), at.Line, at.Column}})
			}
		}
	}
	return found
}

func embeds(s *ast.StructType, name string) bool {
	return slices.ContainsFunc(s.Fields.List, func(field *ast.Field) bool { return len(field.Names) == 0 && lastName(field.Type) == name })
}

// rel is the slash path of a file from the project's root.
func (p *Project) rel(name string) string {
	if rel, err := filepath.Rel(p.Dir, name); err == nil {
		name = rel
	}
	return filepath.ToSlash(name)
}

// Elements returns what the control plane's lists of API groups have in pkg/apiserver.
func (p *Project) Elements() ([]Element, error) {
	return p.elements("pkg/apiserver", rewrite.Groups)
}

// Parts returns what main.go gives to controlplane.Main, and behind a list that is spread there what the lists of parts in the package have.
func (p *Project) Parts() ([]Element, error) {
	all, err := p.elements(".", rewrite.Parts)
	if err != nil || len(all) == 0 || !all[len(all)-1].Spread {
		return all, err
	}
	listed, err := p.elements(".", rewrite.PartLists)
	return append(all, listed...), err
}

// Needs returns the resources that a package of the project, given by its folder, has served if nothing else serves them.
func (p *Project) Needs(dir string) ([]Element, error) { return p.elements(dir, rewrite.Needs) }

// Element is an element of a list in the project's code.
type Element struct {
	// Package is the import path of what it is made by; empty if that is not a package.
	Package string
	// Text is the source.
	Text  string
	Place Place
	// Spread says that it stands for several: a list with dots behind it.
	Spread bool
}

func (p *Project) elements(dir string, read func(string, []byte) ([]rewrite.Place, error)) ([]Element, error) {
	files, err := readPackage(filepath.Join(p.Dir, filepath.FromSlash(dir)))
	if err != nil {
		return nil, err
	}
	var all []Element
	for _, f := range files {
		places, err := read(f.name, f.src)
		if err != nil {
			return nil, err
		}
		for _, at := range places {
			all = append(all, Element{at.Package, at.Text, Place{p.rel(f.name), at.Line, at.Column}, at.Spread})
		}
	}
	return all, nil
}

// StoredIn returns where the storage of a kind names the version that it is kept in; false if it names none.
func (p *Project) StoredIn(g *Group, k *Kind) (Element, bool, error) {
	dir := path.Join("pkg/registry", g.Dir, k.RegistryPackage)
	all, err := p.elements(dir, rewrite.StorageVersions)
	if err != nil || len(all) == 0 || k.RegistryPackage == "" {
		return Element{}, false, err
	}
	return all[0], true, nil
}

// Imports returns the import paths of a package of the project, given by its folder.
func (p *Project) Imports(dir string) ([]string, error) {
	files, err := readPackage(filepath.Join(p.Dir, filepath.FromSlash(dir)))
	var paths []string
	for _, f := range files {
		for _, spec := range f.tree.Imports {
			paths = append(paths, stringValue(spec.Path))
		}
	}
	return paths, err
}

// Constant returns the string that a package of the project, given by its folder, has under a name; "" if it has none.
func (p *Project) Constant(dir, name string) (string, error) {
	files, err := readPackage(filepath.Join(p.Dir, filepath.FromSlash(dir)))
	return constant(files, name), err
}
