package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// AddVersion makes an install function add the version whose package is imported as alias to the scheme, written as the
// version before it is, with the lowest priority among its group's versions. A file that sets no priorities gets none.
func AddVersion(filename string, src []byte, alias string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	notFound := &NotFoundError{
		File:   filename,
		Wanted: "use of another version's AddToScheme",
		Lines:  "utilruntime.Must(" + alias + ".AddToScheme(scheme))",
	}
	added, add := f.addToScheme(alias)
	if !added && add == nil {
		return nil, notFound
	}
	out := src
	if !added {
		out = choose(src, add...)
		if f, err = parse(filename, out); err != nil {
			return nil, notFound
		}
	}
	call := f.versionPriority()
	if call == nil {
		return out, nil
	}
	if slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return qualifier(e) == alias }) {
		return out, nil
	}
	variable := "SchemeGroupVersion"
	if len(call.Args) > 0 {
		if s, ok := call.Args[len(call.Args)-1].(*ast.SelectorExpr); ok {
			variable = s.Sel.Name
		}
	}
	if call.Ellipsis.IsValid() {
		return nil, &NotFoundError{
			File:   filename,
			Wanted: "list of versions in the call to SetVersionPriority",
			Lines:  alias + "." + variable,
		}
	}
	return choose(out, f.appendTo(f.arguments(call), alias+"."+variable)...), nil
}

// qualifier returns the package of a qualified name, or "".
func qualifier(e ast.Expr) string {
	if s, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return identName(s.X)
	}
	return ""
}

// addToScheme says whether alias.AddToScheme is used, and else how to use it as the last other version is: as a
// statement of its own, or as an element of a list.
func (f *file) addToScheme(alias string) (added bool, add [][]edit) {
	fewest := 0
	walk(f.ast, func(n ast.Node, parents []ast.Node) {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || s.Sel.Name != "AddToScheme" || identName(s.X) == "" || len(parents) == 0 {
			return
		}
		if identName(s.X) == alias {
			added = true
			return
		}
		how := f.likeAddToScheme(s, parents, alias)
		depth := conditions(n, parents)
		if how == nil || (add != nil && depth > fewest) {
			return
		}
		add, fewest = how, depth
	})
	return added, add
}

func (f *file) likeAddToScheme(s *ast.SelectorExpr, parents []ast.Node, alias string) [][]edit {
	switch parent := parents[len(parents)-1].(type) {
	case *ast.CallExpr:
		if parent.Fun == ast.Expr(s) {
			break
		}
		if parent.Ellipsis.IsValid() {
			return nil
		}
		return f.appendTo(f.arguments(parent), alias+".AddToScheme")
	case *ast.CompositeLit:
		return f.appendTo(f.elements(parent), alias+".AddToScheme")
	default:
		return nil
	}
	stmt, others := statement(s, parents)
	last := stmt
	switch stmt := stmt.(type) {
	case *ast.ExprStmt, *ast.IfStmt:
	case *ast.AssignStmt:
		if handled := f.errorHandling(stmt, s, others); handled != nil {
			last = handled
		} else if stmt.Tok == token.DEFINE || isError(stmt, s) {
			return nil
		}
	default:
		return nil
	}
	start := f.offset(stmt.Pos())
	text := f.src[start:f.offset(last.End())]
	var edits []edit
	for _, n := range slices.Compact([]ast.Node{stmt, last}) {
		ast.Inspect(n, func(n ast.Node) bool {
			if other, ok := n.(*ast.SelectorExpr); ok && identName(other.X) == identName(s.X) {
				x := f.offset(other.X.Pos()) - start
				edits = append(edits, edit{x, x + len(identName(s.X)), alias})
			}
			return true
		})
	}
	if assign, ok := stmt.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
		at := f.offset(assign.TokPos) - start
		edits = append(edits, edit{at, at + len(":="), "="})
	}
	return [][]edit{f.appendStatements(last, string(apply(text, edits)))}
}

// isError says whether a statement assigns what AddToScheme returns to a variable.
func isError(assign *ast.AssignStmt, addToScheme *ast.SelectorExpr) bool {
	call, ok := ast.Unparen(assign.Rhs[0]).(*ast.CallExpr)
	return ok && call.Fun == ast.Expr(addToScheme) && identName(assign.Lhs[0]) != "_"
}

// errorHandling returns the if statement below an assignment of AddToScheme's error that looks at the error; nil when
// there is none.
func (f *file) errorHandling(assign *ast.AssignStmt, addToScheme *ast.SelectorExpr, others []ast.Stmt) ast.Stmt {
	if len(assign.Lhs) != 1 || !isError(assign, addToScheme) {
		return nil
	}
	at := slices.Index(others, ast.Stmt(assign))
	if at < 0 || at+1 == len(others) {
		return nil
	}
	next, ok := others[at+1].(*ast.IfStmt)
	if !ok || next.Init != nil || !slices.Contains(strings.Fields(tokens(f.text(next.Cond))), identName(assign.Lhs[0])) {
		return nil
	}
	return next
}

// versionPriority returns the last call to SetVersionPriority, or nil.
func (f *file) versionPriority() *ast.CallExpr {
	var found *ast.CallExpr
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && callee(c) == "SetVersionPriority" {
			found = c
		}
		return true
	})
	return found
}
