package rewrite

import "go/ast"

// walk calls visit for every node with the nodes around it, outermost first.
func walk(root ast.Node, visit func(n ast.Node, parents []ast.Node)) {
	var parents []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		visit(n, parents)
		parents = append(parents, n)
		return true
	})
}

// statement returns the innermost statement around a node that stands in a list of statements, and that list.
func statement(n ast.Node, parents []ast.Node) (ast.Stmt, []ast.Stmt) {
	inner := n
	for i := len(parents) - 1; i >= 0; i-- {
		if stmts := statements(parents[i]); stmts != nil {
			if s, ok := inner.(ast.Stmt); ok {
				return s, stmts
			}
		}
		inner = parents[i]
	}
	return nil, nil
}

func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// conditions counts the statements around a node that decide whether, or how often, it runs. The condition of an if
// statement always runs, what it guards does not.
func conditions(n ast.Node, parents []ast.Node) int {
	count := 0
	for i, p := range parents {
		next := n
		if i+1 < len(parents) {
			next = parents[i+1]
		}
		switch p := p.(type) {
		case *ast.IfStmt:
			if next == ast.Node(p.Body) || next == ast.Node(p.Else) {
				count++
			}
		case *ast.ForStmt:
			if next == ast.Node(p.Body) {
				count++
			}
		case *ast.RangeStmt:
			if next == ast.Node(p.Body) {
				count++
			}
		case *ast.CaseClause, *ast.CommClause:
			count++
		}
	}
	return count
}

// function returns the innermost function declaration around a node, or nil.
func function(parents []ast.Node) *ast.FuncDecl {
	for i := len(parents) - 1; i >= 0; i-- {
		if f, ok := parents[i].(*ast.FuncDecl); ok {
			return f
		}
	}
	return nil
}

// callee returns the last part of the name of the function that is called.
func callee(c *ast.CallExpr) string { return typeName(c.Fun) }
