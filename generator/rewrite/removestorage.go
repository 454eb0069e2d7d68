package rewrite

import (
	"go/ast"
	"slices"
	"strings"
)

// RemoveResourceStorage undoes AddResourceStorage: the version serves neither the resource nor its subresources any more, has no
// map when that was all that it served, and the storage, which the function of package constructs, is not made when no
// version serves it. What is written in other ways stays.
func RemoveResourceStorage(filename string, src []byte, pkg, version, resource string) ([]byte, error) {
	out := src
	for {
		f, err := parse(filename, out)
		if err != nil {
			return nil, err
		}
		next, found := f.withoutEntry(version, resource)
		if !found {
			next, found = f.withoutConstruction(pkg)
		}
		if !found {
			return keepFormatted(src, out), nil
		}
		out = next
	}
}

// withoutEntry takes out one path of a resource that the version serves.
func (f *file) withoutEntry(version, resource string) (out []byte, found bool) {
	is := func(path string) bool { return path == resource || strings.HasPrefix(path, resource+"/") }
	for _, r := range f.registries() {
		m := r.versionMap(version)
		if m == nil {
			continue
		}
		for path, stmt := range m.indexed {
			if is(path) {
				return apply(f.src, []edit{f.removeStatements(stmt, stmt)}), true
			}
		}
		if m.literal == nil {
			continue
		}
		for i, element := range m.literal.Elts {
			kv, ok := element.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if path, ok := stringValue(kv.Key); !ok || !is(path) {
				continue
			}
			if len(m.literal.Elts) == 1 && len(m.indexed) == 0 && len(m.conditional) == 0 && m.variable == "" {
				return apply(f.src, []edit{f.removeStatements(m.stmt, m.stmt)}), true
			}
			e := f.removeFrom(f.elements(m.literal), i)
			if f.src[e.pos] == '\n' || f.src[e.pos] == '\r' {
				e = f.withoutGap(e)
			}
			return apply(f.src, []edit{e}), true
		}
	}
	return nil, false
}

// withoutConstruction takes out the statement that makes a storage which nothing uses, with its error handling.
func (f *file) withoutConstruction(pkg string) (out []byte, found bool) {
	for _, r := range f.registries() {
		body := r.fn.Body.List
		for i, stmt := range body {
			assign, ok := stmt.(*ast.AssignStmt)
			if !ok || len(assign.Rhs) != 1 || len(assign.Lhs) == 0 {
				continue
			}
			call, ok := assign.Rhs[0].(*ast.CallExpr)
			// A field, as in s.bars, may be used anywhere.
			variable := identName(assign.Lhs[0])
			if !ok || qualifier(call.Fun) != pkg || variable == "" || r.mentions(variable) > 1 {
				continue
			}
			last := stmt
			if i+1 < len(body) && len(assign.Lhs) > 1 {
				next, ok := body[i+1].(*ast.IfStmt)
				if ok && next.Init == nil && slices.Contains(strings.Fields(tokens(f.text(next.Cond))), identName(assign.Lhs[1])) {
					last = next
				}
			}
			return apply(f.src, []edit{f.removeStatements(stmt, last)}), true
		}
	}
	return nil, false
}

// mentions counts how often the function names a variable.
func (r *registry) mentions(name string) int {
	count := 0
	ast.Inspect(r.fn.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			count += truth(id.Name == name)
		}
		return true
	})
	return count
}
