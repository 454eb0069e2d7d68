package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// RemoveKnownTypes takes the Go types named by kinds out of where AddKnownTypes puts them, in every place of the file. Those
// that are not there are left out.
func RemoveKnownTypes(filename string, src []byte, kinds ...string) ([]byte, error) {
	out := src
	for _, kind := range kinds {
		for {
			f, err := parse(filename, out)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(f.registrations(), func(r registration) bool { return slices.Contains(r.kinds, kind) && r.remove != nil })
			if i < 0 {
				break
			}
			out = f.registrations()[i].remove(kind)
		}
	}
	return keepFormatted(src, out), nil
}

// RemoveVersion undoes AddVersion: the version whose package is imported as alias is neither added to the scheme nor ranked. A
// use of it that AddVersion does not write stays.
func RemoveVersion(filename string, src []byte, alias string) ([]byte, error) {
	out := src
	for {
		f, err := parse(filename, out)
		if err != nil {
			return nil, err
		}
		next, found := f.withoutVersion(alias)
		if !found {
			return keepFormatted(src, out), nil
		}
		out = next
	}
}

// withoutVersion takes out one use of a version.
func (f *file) withoutVersion(alias string) (out []byte, found bool) {
	if call := f.versionPriority(); call != nil {
		if i := slices.IndexFunc(call.Args, func(e ast.Expr) bool { return qualifier(e) == alias }); i >= 0 {
			return f.withoutElement(f.arguments(call), i), true
		}
	}
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || found || s.Sel.Name != "AddToScheme" || identName(s.X) != alias || len(parents) == 0 {
			return
		}
		switch parent := parents[len(parents)-1].(type) {
		case *ast.CallExpr:
			if parent.Fun == ast.Expr(s) {
				break
			}
			out, found = f.withoutElement(f.arguments(parent), slices.Index(parent.Args, ast.Expr(s))), true
			return
		case *ast.CompositeLit:
			out, found = f.withoutElement(f.elements(parent), slices.Index(parent.Elts, ast.Expr(s))), true
			return
		default:
			return
		}
		stmt, others := statement(s, parents)
		last := stmt
		switch stmt := stmt.(type) {
		case *ast.ExprStmt, *ast.IfStmt:
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				// What follows may count on the variable.
				return
			}
			if handled := f.errorHandling(stmt, s, others); handled != nil {
				last = handled
			}
		default:
			return
		}
		out, found = apply(f.src, []edit{f.removeStatements(stmt, last)}), true
	})
	return out, found
}

// RemoveGroup undoes AddGroup for the group with that Install function, as in exampleinstall.Install.
func RemoveGroup(filename string, src []byte, install string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	wanted := tokens(install)
	for _, lit := range f.groupLists() {
		for i, element := range lit.Elts {
			if groupIdentity(string(src), element, f.base) == wanted {
				return f.withoutElement(f.elements(lit), i), nil
			}
		}
	}
	return src, nil
}

// RemoveValue takes a field out of the composite literals of a type of the package at path.
func RemoveValue(filename string, src []byte, path, typ, field string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	values := f.values(path, typ, field)
	if len(values) == 0 {
		return src, nil
	}
	first := values[0]
	return keepFormatted(src, f.withoutElement(f.elements(first.literal), first.index)), nil
}

// value is what a composite literal gives a field: one of its elements.
type value struct {
	literal *ast.CompositeLit
	index   int
	field   *ast.KeyValueExpr
}

// values returns what composite literals of a type of the package at path give a field.
func (f *file) values(path, typ, field string) []value {
	name, ok := f.importName(path)
	if !ok {
		return nil
	}
	var found []value
	for n := range ast.Preorder(f.ast) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || qualifier(lit.Type) != name || typeName(lit.Type) != typ {
			continue
		}
		for i, element := range lit.Elts {
			if kv, ok := element.(*ast.KeyValueExpr); ok && identName(kv.Key) == field {
				found = append(found, value{lit, i, kv})
			}
		}
	}
	return found
}

// SetStorageVersion makes the storage that is kept in the version of package from be kept in that of package to, which is to be
// known as alias.
func SetStorageVersion(filename string, src []byte, from, to, alias string) ([]byte, error) {
	uses := func(src []byte) (f *file, found []*ast.SelectorExpr, err error) {
		if f, err = parse(filename, src); err != nil {
			return nil, nil, err
		}
		old, ok := f.importName(from)
		found = slices.DeleteFunc(f.storageVersions(), func(s *ast.SelectorExpr) bool { return !ok || identName(s.X) != old })
		return f, found, nil
	}
	if _, found, err := uses(src); err != nil || len(found) == 0 {
		return src, err
	}
	alias, err := NameFor(filename, src, to, alias)
	if err != nil {
		return nil, err
	}
	out, err := AddImport(filename, src, alias, to)
	if err != nil {
		return nil, err
	}
	f, found, err := uses(out)
	if err != nil {
		return nil, err
	}
	var edits []edit
	for _, s := range found {
		edits = append(edits, edit{f.offset(s.X.Pos()), f.offset(s.X.End()), alias})
	}
	return RemoveImport(filename, apply(out, edits), from)
}

// storageVersions returns the group versions that calls of registry.StorageVersion are given.
func (f *file) storageVersions() []*ast.SelectorExpr {
	var found []*ast.SelectorExpr
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && callee(call) == "StorageVersion" && len(call.Args) > 0 {
			if s, ok := call.Args[len(call.Args)-1].(*ast.SelectorExpr); ok {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}

// withoutElement returns the source without an element of a list. Braces that are left with nothing close.
func (f *file) withoutElement(l list, i int) []byte {
	out := apply(f.src, []edit{f.removeFrom(l, i)})
	if len(l.elements) == 1 && f.src[l.open] == '{' {
		out = closeEmpty(out, l.open, formatted(f.src))
	}
	return out
}

// removeStatements returns the edit that takes out a run of statements, with the gap that they leave.
func (f *file) removeStatements(first, last ast.Stmt) edit {
	start, end := f.offset(first.Pos()), f.offset(last.End())
	at, ok := f.lineEnd(end)
	if !ok || !f.startsLine(start) {
		if next := f.skip(end, true); next < len(f.src) && f.src[next] == ';' {
			end = next + 1
		}
		return edit{start, end, ""}
	}
	return f.withoutGap(f.removeLines(start, at))
}

// withoutGap extends an edit that takes out lines by an empty line next to them that has lost what it was there for: one of
// two that meet, or one at the end or the start of a block.
func (f *file) withoutGap(e edit) edit {
	before := strings.TrimRight(string(f.src[:e.pos]), " \t\r")
	rest := string(f.src[e.end:])
	after := strings.TrimLeft(rest, " \t\r")
	if after == "" || after[0] != '\n' {
		return e
	}
	next := strings.TrimLeft(after[1:], " \t\r")
	blankAfter := strings.HasPrefix(next, "\n")
	opens := strings.HasSuffix(before, "{") || strings.HasSuffix(before, "(")
	closes := strings.HasPrefix(next, "}") || strings.HasPrefix(next, ")")
	switch blankBefore := strings.HasSuffix(before, "\n"); {
	case blankAfter && (blankBefore || opens):
		e.end += len(rest) - len(after) + 1
	case blankBefore && closes:
		e.pos = len(strings.TrimRight(before[:len(before)-1], " \t\r"))
	}
	return e
}

// keepFormatted lets gofmt move what an edit has left out of its column, in a file that was formatted before.
func keepFormatted(src, out []byte) []byte {
	if bytes.Equal(src, out) || !formatted(src) {
		return out
	}
	return reformat(out)
}
