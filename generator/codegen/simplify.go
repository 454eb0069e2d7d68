package codegen

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// simplify does to a file what "gofmt -s" does and reports whether it changed anything: types of composite literals
// that the enclosing literal gives, ":len(s)" at the end of slices, blank loop variables, empty declaration groups.
func simplify(file *ast.File) bool {
	s := simplifier{changed: dropEmptyGroups(file)}
	var nodes []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.CompositeLit, *ast.SliceExpr, *ast.RangeStmt:
			nodes = append(nodes, n)
		}
		return true
	})
	for _, n := range slices.Backward(nodes) { // inner literals first, while the outer ones still have their type
		switch n := n.(type) {
		case *ast.CompositeLit:
			s.literal(n)
		case *ast.SliceExpr:
			s.slice(n)
		case *ast.RangeStmt:
			s.loop(n)
		}
	}
	return s.changed
}

type simplifier struct{ changed bool }

func (s *simplifier) literal(lit *ast.CompositeLit) {
	var key, element ast.Expr
	switch t := lit.Type.(type) {
	case *ast.ArrayType:
		element = t.Elt
	case *ast.MapType:
		key, element = t.Key, t.Value
	default:
		return
	}
	for i := range lit.Elts {
		place := &lit.Elts[i]
		if kv, ok := (*place).(*ast.KeyValueExpr); ok {
			if key != nil {
				s.elide(key, &kv.Key)
			}
			place = &kv.Value
		}
		s.elide(element, place)
	}
}

// elide drops the type of the literal in place if it is what the enclosing literal says: T, or &T where that says *T.
func (s *simplifier) elide(outer ast.Expr, place *ast.Expr) {
	inner := *place
	if address, ok := inner.(*ast.UnaryExpr); ok && address.Op == token.AND {
		pointer, ok := outer.(*ast.StarExpr)
		if !ok {
			return
		}
		outer, inner = pointer.X, address.X
	}
	lit, ok := inner.(*ast.CompositeLit)
	if !ok || lit.Type == nil || types.ExprString(lit.Type) != types.ExprString(outer) {
		return
	}
	lit.Type = nil
	*place = lit
	s.changed = true
}

func (s *simplifier) slice(e *ast.SliceExpr) {
	x, ok := e.X.(*ast.Ident)
	if !ok || e.Max != nil {
		return
	}
	call, ok := e.High.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || call.Ellipsis.IsValid() {
		return
	}
	if isNamed(call.Fun, "len") && isNamed(call.Args[0], x.Name) {
		e.High = nil
		s.changed = true
	}
}

func (s *simplifier) loop(r *ast.RangeStmt) {
	if isNamed(r.Value, "_") {
		r.Value = nil
		s.changed = true
	}
	if r.Value == nil && isNamed(r.Key, "_") {
		r.Key = nil
		s.changed = true
	}
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// dropEmptyGroups removes declaration groups without specifications and comments.
func dropEmptyGroups(file *ast.File) bool {
	before := len(file.Decls)
	file.Decls = slices.DeleteFunc(file.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && g.Doc == nil && len(g.Specs) == 0 && !slices.ContainsFunc(file.Comments, func(c *ast.CommentGroup) bool {
			return g.Lparen <= c.Pos() && c.End() <= g.Rparen
		})
	})
	return len(file.Decls) != before
}
