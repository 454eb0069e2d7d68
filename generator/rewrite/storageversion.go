package rewrite

import (
	"go/ast"
	"go/token"
	"path"
	"slices"

	"github.com/kubecraft/kubecraft/generator/resource"
)

const storageMap = "VersionedResourcesStorageMap"

// version returns the version that a map key stands for: "v1", a constant of the file, or what belongs to the package of a
// version, as in examplev1.SchemeGroupVersion.Version. It is empty when the file does not say.
func (f *file) version(key ast.Expr) string {
	key = ast.Unparen(key)
	if s, ok := stringValue(key); ok {
		return s
	}
	if name := identName(key); name != "" {
		return f.constant(name)
	}
	for {
		s, ok := key.(*ast.SelectorExpr)
		if !ok {
			break
		}
		key = s.X
	}
	alias := identName(key)
	for _, spec := range f.ast.Imports {
		at := importPath(spec)
		if name, ok := f.importName(at); ok && name == alias && resource.IsVersion(path.Base(at)) {
			return path.Base(at)
		}
	}
	return ""
}

// constant returns the value of a string constant of the package that nothing in the file hides.
func (f *file) constant(name string) string {
	value, declared := "", 0
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && n.Tok == token.CONST && len(v.Names) == 1 && len(v.Values) == 1 && v.Names[0].Name == name {
					value, _ = stringValue(v.Values[0])
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				declared += truth(id.Name == name)
			}
		case *ast.Field:
			for _, id := range n.Names {
				declared += truth(id.Name == name)
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				declared += truth(identName(left) == name)
			}
		case *ast.RangeStmt:
			declared += truth(n.Key != nil && identName(n.Key) == name) + truth(n.Value != nil && identName(n.Value) == name)
		}
		return true
	})
	if declared != 1 {
		return ""
	}
	return value
}

// mapUnclear says whether the file may give a version its storage map elsewhere than where r has found it: twice, under
// a condition, from a function with several results, under a key that it does not spell out, in a function that is
// called. Entries that are added to another map would not be served, and a new map would take away what is.
func (f *file) mapUnclear(r *registry, version string) bool {
	known := map[ast.Node]bool{}
	times := 0
	for _, r := range f.registries() {
		for _, m := range r.maps {
			if m.version == version {
				times++
			}
			if m.version != "" {
				known[m.stmt.Lhs[0]] = true
			}
		}
	}
	unclear := times > 1
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			unclear = unclear || identName(n.Key) == storageMap
		case *ast.CallExpr:
			unclear = unclear || (times == 0 && function(parents) == r.fn && r.passesInfo(n))
		case *ast.SelectorExpr:
			if n.Sel.Name == storageMap {
				unclear = unclear || f.mayReplace(n, parents, known, version, times)
			}
		}
	})
	return unclear
}

// mayReplace says whether a use of the storage maps may replace the map of a version, which known statements set the given
// number of times.
func (f *file) mayReplace(use *ast.SelectorExpr, parents []ast.Node, known map[ast.Node]bool, version string, times int) bool {
	if len(parents) < 2 {
		return true
	}
	index, ok := parents[len(parents)-1].(*ast.IndexExpr)
	if !ok || index.X != ast.Expr(use) {
		return true
	}
	if key := f.version(index.Index); known[index] || (key != "" && key != version) {
		return false
	}
	assign, ok := parents[len(parents)-2].(*ast.AssignStmt)
	sets := ok && slices.Contains(assign.Lhs, ast.Expr(index))
	// What only reads the map, or sets an entry of it, shows that there is one.
	return sets || times == 0
}

// passesInfo says whether a call hands the whole APIGroupInfo to a function that may fill its maps: one of the package, or
// any where the function itself fills none.
func (r *registry) passesInfo(call *ast.CallExpr) bool {
	if identName(call.Fun) == "" && len(r.maps) > 0 {
		return false
	}
	for _, arg := range call.Args {
		arg = ast.Unparen(arg)
		if u, ok := arg.(*ast.UnaryExpr); ok && u.Op == token.AND {
			arg = u.X
		}
		if isName(arg) && r.text(arg) == r.info {
			return true
		}
	}
	return false
}
