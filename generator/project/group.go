package project

import (
	"cmp"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/version"

	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// readGroup reads the group whose internal package is in a folder; nil when there is no API group in it.
func (p *Project) readGroup(folder string) (*Group, error) {
	files, err := readPackage(folder)
	if err != nil {
		return nil, err
	}
	g := &Group{Dir: filepath.Base(folder), Name: groupName(files)}
	kinds := map[string]*Kind{}
	below, err := subfolders(folder)
	if err != nil {
		return nil, err
	}
	for _, dir := range below {
		v, err := readVersion(dir, kinds)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		g.Versions = append(g.Versions, v.Version)
		g.Name = cmp.Or(g.Name, v.group)
	}
	if g.Name == "" {
		return nil, nil
	}
	slices.SortFunc(g.Versions, func(a, b Version) int { return version.CompareKubeAwareVersionStrings(b.Name, a.Name) })
	storages, err := p.readRegistry(g)
	if err != nil {
		return nil, err
	}
	for name, k := range kinds {
		slices.SortFunc(k.Versions, func(a, b string) int { return version.CompareKubeAwareVersionStrings(b, a) })
		k.Resource.Group, k.Resource.Kind = g.Name, name
		if s := storages[name]; s != nil {
			s.describe(k)
		}
		k.Resource.Version = cmp.Or(k.StorageVersion, k.Versions[0])
		k.Resource.Complete()
		g.Kinds = append(g.Kinds, *k)
	}
	slices.SortFunc(g.Kinds, func(a, b Kind) int { return strings.Compare(a.Resource.Kind, b.Resource.Kind) })
	return g, nil
}

// groupName returns the group that a package says it is of.
func groupName(files []sourceFile) string {
	if name := constant(files, "GroupName"); name != "" {
		return name
	}
	for _, f := range files {
		for _, c := range f.tree.Comments {
			for line := range strings.Lines(c.Text()) {
				if name, ok := strings.CutPrefix(strings.TrimSpace(line), "+groupName="); ok {
					return name
				}
			}
		}
	}
	return ""
}

type versionPackage struct {
	Version
	group string
}

// readVersion reads an external version and adds its kinds; nil when the folder holds none.
func readVersion(dir string, kinds map[string]*Kind) (*versionPackage, error) {
	files, err := readPackage(dir)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	v := &versionPackage{group: groupName(files)}
	v.Dir = filepath.Base(dir)
	v.Name = v.Dir
	if name := declaredVersion(files); name != "" {
		v.Name = name
	}
	if !resource.IsVersion(v.Name) {
		return nil, nil
	}
	var registered []string
	for _, f := range files {
		known, err := rewrite.KnownTypes(f.name, f.src)
		if err != nil {
			return nil, err
		}
		registered = append(registered, known...)
	}
	types := declaredTypes(files)
	for _, name := range registered {
		t := types[name]
		if t.isList() || !(slices.Contains(registered, name+"List") || t.tagged("+genclient")) || slices.Contains(v.Kinds, name) {
			continue
		}
		v.Kinds = append(v.Kinds, name)
		k := kinds[name]
		if k == nil {
			k = &Kind{Resource: resource.Resource{ClusterScoped: t.tagged("+genclient:nonNamespaced"), NoStatus: t.tagged("+genclient:noStatus")}}
			kinds[name] = k
		}
		k.Versions = append(k.Versions, v.Name)
	}
	slices.Sort(v.Kinds)
	return v, nil
}

// declaredVersion returns the version in the package's group version.
func declaredVersion(files []sourceFile) string {
	found := ""
	for _, f := range files {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || lastName(lit.Type) != "GroupVersion" {
				return true
			}
			for _, elt := range lit.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok && lastName(kv.Key) == "Version" && found == "" {
					found = stringValue(kv.Value)
				}
			}
			return true
		})
	}
	return found
}

// declaredType is a type with the comments above it.
type declaredType struct {
	spec *ast.TypeSpec
	tags []string
}

func declaredTypes(files []sourceFile) map[string]declaredType {
	types := map[string]declaredType{}
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range gen.Specs {
				spec, ok := s.(*ast.TypeSpec)
				if !ok {
					continue
				}
				types[spec.Name.Name] = declaredType{spec, f.tagsAbove(gen, spec)}
			}
		}
	}
	return types
}

// tagsAbove returns the +tags of a type: in its comment, and in a comment that an empty line separates from it, where
// generators read them too.
func (f sourceFile) tagsAbove(gen *ast.GenDecl, spec *ast.TypeSpec) []string {
	start := gen.Pos()
	if gen.Lparen.IsValid() {
		start = spec.Pos()
	}
	var previous ast.Node = f.tree.Name
	for _, decl := range f.tree.Decls {
		if decl.End() < start {
			previous = decl
		}
	}
	var tags []string
	for _, c := range f.tree.Comments {
		if c.Pos() < previous.End() || c.Pos() > start {
			continue
		}
		for _, comment := range c.List {
			text := strings.TrimSpace(strings.TrimPrefix(comment.Text, "//"))
			if strings.HasPrefix(text, "+") {
				tags = append(tags, text)
			}
		}
	}
	return tags
}

func (t declaredType) tagged(tag string) bool { return slices.Contains(t.tags, tag) }

// isList says whether a type is a list of objects.
func (t declaredType) isList() bool {
	if t.spec == nil {
		return false
	}
	s, ok := t.spec.Type.(*ast.StructType)
	if !ok {
		return false
	}
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 && lastName(field.Type) == "ListMeta" {
			return true
		}
	}
	return false
}
