package project

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// storage is what the registry of a group says about one kind.
type storage struct {
	pkg                string
	kind               string
	plural, singular   string
	shortNames         []string
	categories         []string
	scopeKnown         bool
	clusterScoped      bool
	storageVersionPath string
	// hasStatus and hasScale are fields of the Storage struct.
	hasStatus, hasScale bool
	// served holds the paths that each version serves in the group's store.go; nil when that file says nothing.
	served   map[string][]string
	versions []Version
}

// readRegistry returns the storages of a group's kinds, by kind.
func (p *Project) readRegistry(g *Group) (map[string]*storage, error) {
	dir := filepath.Join(p.Dir, "pkg", "registry", g.Dir)
	files, err := readPackage(dir)
	if err != nil {
		return nil, err
	}
	served := map[string][]string{}
	for _, f := range files {
		paths, err := rewrite.ServedPaths(f.name, f.src)
		if err != nil {
			return nil, err
		}
		for version, list := range paths {
			served[version] = append(served[version], list...)
		}
	}
	below, err := subfolders(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]*storage{}
	for _, folder := range below {
		files, err := readPackage(folder)
		if err != nil {
			return nil, err
		}
		s := &storage{pkg: filepath.Base(folder), served: served, versions: g.Versions}
		for _, f := range files {
			s.read(f)
		}
		if s.kind != "" && found[s.kind] == nil {
			found[s.kind] = s
		}
	}
	return found, nil
}

// read notes what a file says, in whatever order and under whatever names.
func (s *storage) read(f sourceFile) {
	for _, decl := range f.tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv == nil {
			continue
		}
		switch fn.Name.Name {
		case "ShortNames":
			s.shortNames = stringsIn(fn)
		case "Categories":
			s.categories = stringsIn(fn)
		case "NamespaceScoped":
			s.readScope(fn)
		}
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			switch lastName(n.Key) {
			case "NewFunc":
				if s.kind == "" {
					s.kind = madeType(n.Value)
				}
			case "DefaultQualifiedResource":
				s.plural = resourceArgument(n.Value, s.plural)
			case "SingularQualifiedResource":
				s.singular = resourceArgument(n.Value, s.singular)
			}
		case *ast.CallExpr:
			if lastName(n.Fun) == "StorageVersion" && len(n.Args) > 0 {
				s.storageVersionPath = f.importPath(qualifier(n.Args[len(n.Args)-1]))
			}
		case *ast.TypeSpec:
			if fields, ok := n.Type.(*ast.StructType); ok && n.Name.Name == "Storage" {
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						s.hasStatus = s.hasStatus || name.Name == "Status"
						s.hasScale = s.hasScale || name.Name == "Scale"
					}
				}
			}
		}
		return true
	})
}

func (s *storage) readScope(fn *ast.FuncDecl) {
	ast.Inspect(fn, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			switch lastName(ret.Results[0]) {
			case "true":
				s.scopeKnown, s.clusterScoped = true, false
			case "false":
				s.scopeKnown, s.clusterScoped = true, true
			}
		}
		return true
	})
}

// describe fills in what the storage decides about a kind.
func (s *storage) describe(k *Kind) {
	k.RegistryPackage = s.pkg
	r := &k.Resource
	r.Plural, r.Singular, r.ShortNames, r.Categories = s.plural, s.singular, s.shortNames, s.categories
	if s.scopeKnown {
		r.ClusterScoped = s.clusterScoped
	}
	r.Complete()
	r.NoStatus, r.Scale = !s.hasStatus, s.hasScale
	known, status, scale := false, false, false
	for _, name := range k.Versions {
		paths := s.served[name]
		if slices.Contains(paths, r.Plural) {
			known = true
			k.served = append(k.served, name)
			status = status || slices.Contains(paths, r.Plural+"/status")
			scale = scale || slices.Contains(paths, r.Plural+"/scale")
		}
	}
	if known {
		r.NoStatus, r.Scale = !status, scale
	}
	for _, v := range s.versions {
		if s.storageVersionPath != "" && path.Base(s.storageVersionPath) == v.Dir && slices.Contains(k.Versions, v.Name) {
			k.StorageVersion = v.Name
		}
	}
}

// stringsIn returns the string literals in a function, in order.
func stringsIn(fn *ast.FuncDecl) []string {
	var found []string
	ast.Inspect(fn, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			if s := stringValue(lit); strings.TrimSpace(s) != "" {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}

// madeType returns the name of the type of which an expression makes a value: &example.Bar{}, new(example.Bar).
func madeType(e ast.Expr) string {
	found := ""
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if found == "" {
				found = lastName(n.Type)
			}
		case *ast.CallExpr:
			if found == "" && lastName(n.Fun) == "new" && len(n.Args) == 1 {
				found = lastName(n.Args[0])
			}
		}
		return true
	})
	return found
}

// resourceArgument returns the string in Resource("bars"), or what is known already.
func resourceArgument(e ast.Expr, known string) string {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return known
	}
	if s := stringValue(call.Args[0]); s != "" {
		return s
	}
	return known
}
