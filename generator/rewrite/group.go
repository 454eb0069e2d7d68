package rewrite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// AddGroup appends element, the text of a composite literal without its type, to the []apiserver.Group literal that
// lists a control plane's API groups. An element with the same Install function is there already.
func AddGroup(filename string, src []byte, element string) ([]byte, error) {
	parsed, err := parser.ParseExpr("[]T{" + element + "}")
	if err != nil {
		return nil, fmt.Errorf("%q is not one element of a list: %w", element, err)
	}
	want, ok := parsed.(*ast.CompositeLit)
	if !ok || len(want.Elts) != 1 {
		return nil, fmt.Errorf("%q is not one element of a list", element)
	}
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	wanted := groupIdentity(element, want.Elts[0], len("[]T{")+1)
	lists := f.groupLists()
	for _, lit := range lists {
		if slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { return groupIdentity(string(src), e, f.base) == wanted }) {
			return src, nil
		}
	}
	if len(lists) == 0 {
		return nil, &NotFoundError{File: filename, Wanted: "list of type []apiserver.Group", Lines: element + ","}
	}
	return choose(src, f.appendTo(f.elements(lists[len(lists)-1]), element)...), nil
}

// groupLists returns the []apiserver.Group literals.
func (f *file) groupLists() []*ast.CompositeLit {
	var lists []*ast.CompositeLit
	ast.Inspect(f.ast, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if array, ok := lit.Type.(*ast.ArrayType); ok && array.Len == nil && typeName(array.Elt) == "Group" {
			lists = append(lists, lit)
		}
		return true
	})
	return lists
}

// groupIdentity returns what tells a group from others: its Install function, or all of it, without white space and
// comments. The element's positions start at base.
func groupIdentity(src string, element ast.Expr, base int) string {
	e := element
	if lit, ok := element.(*ast.CompositeLit); ok {
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok && identName(kv.Key) == "Install" {
				e = kv.Value
			}
		}
	}
	return tokens(src[int(e.Pos())-base : int(e.End())-base])
}

// tokens returns source without white space and comments.
func tokens(src string) string {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(src)), []byte(src), nil, 0)
	var b strings.Builder
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return b.String()
		case tok == token.SEMICOLON && lit == "\n":
		case lit != "":
			b.WriteString(lit + " ")
		default:
			b.WriteString(tok.String() + " ")
		}
	}
}
