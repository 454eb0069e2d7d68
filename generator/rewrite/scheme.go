package rewrite

import (
	"go/ast"
	"go/token"

	"github.com/kubecraft/kubecraft/generator/resource"
)

// rank says how sure it is that a group version is the file's own.
type rank int

const (
	foreign rank = iota // of another package, or of another version
	unknown             // a parameter, a local variable or a name that the file does not declare
	own                 // declared in this file
)

// groupVersions says of every package-level variable of the file that holds a group version whether it is the one that
// the package registers its types under.
func (f *file) groupVersions() map[string]rank {
	versions := map[string]string{}
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			for i, name := range value.Names {
				if i < len(value.Values) {
					if version, ok := versionOf(value.Values[i]); ok {
						versions[name.Name] = version
					}
				}
			}
		}
	}
	wanted := f.ast.Name.Name
	if !resource.IsVersion(wanted) {
		wanted = internalVersion
	}
	ranks, found := map[string]rank{}, false
	for name, version := range versions {
		if version == wanted {
			ranks[name], found = own, true
		} else {
			ranks[name] = foreign
		}
	}
	if !found {
		// The package is not named after its version: then every version that it declares is its own.
		for name := range ranks {
			ranks[name] = own
		}
	}
	return ranks
}

const internalVersion = "__internal"

// versionOf returns the version in a schema.GroupVersion literal; "" when it is not written there as a string.
func versionOf(e ast.Expr) (string, bool) {
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok || typeName(lit.Type) != "GroupVersion" {
		return "", false
	}
	for i, elt := range lit.Elts {
		value := elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if identName(kv.Key) != "Version" {
				continue
			}
			value = kv.Value
		} else if i != 1 {
			continue
		}
		if typeName(value) == "APIVersionInternal" {
			return internalVersion, true
		}
		s, _ := stringValue(value)
		return s, true
	}
	return "", true
}

// typeName returns the last part of a possibly qualified name.
func typeName(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	if e == nil {
		return ""
	}
	return identName(e)
}

// rankOf says whether e is the file's own group version, ranks being what groupVersions returned.
func rankOf(e ast.Expr, ranks map[string]rank) rank {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if r, ok := ranks[e.Name]; ok {
			return r
		}
		return unknown
	case *ast.StarExpr:
		return rankOf(e.X, ranks)
	case *ast.CompositeLit:
		if typeName(e.Type) == "GroupVersion" && len(ranks) == 0 {
			return own
		}
		return unknown
	case *ast.CallExpr:
		// SchemeGroupVersion.WithKind("Bar").GroupVersion() and the like are about what they start from.
		if s, ok := e.Fun.(*ast.SelectorExpr); ok {
			return rankOf(s.X, ranks)
		}
		return unknown
	}
	return foreign
}
