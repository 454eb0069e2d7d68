package scaffold

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

const controlplanePath = KubecraftModule + "/runtime/controlplane"

// addDefinitions makes the controlplane.Groups in a project's pkg/apiserver use the OpenAPI definitions of its types, which
// are there from the first type on. definitions is the expression that names them.
func addDefinitions(filename string, src []byte, definitions string) ([]byte, error) {
	notFound := &rewrite.NotFoundError{
		File:   filename,
		Wanted: "controlplane.Groups{...}",
		Lines:  "OpenAPI: " + definitions + ",",
	}
	name, ok, err := rewrite.ImportName(filename, src, controlplanePath)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, filename, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	literal := findLiteral(file, name, "Groups")
	if literal == nil {
		return nil, notFound
	}
	for _, element := range literal.Elts {
		if field, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := field.Key.(*ast.Ident); ok && key.Name == "OpenAPI" {
				return src, nil
			}
		}
	}
	at := fset.Position(literal.Lbrace).Offset + 1
	field := "OpenAPI: " + definitions + ","
	switch next := nextIn(literal); {
	case fset.Position(next).Line > fset.Position(literal.Lbrace).Line:
		// A line of its own below the brace's, which may end in a comment.
		field = indentAt(src, at) + "\t" + field
		at += bytes.IndexByte(src[at:], '\n') + 1
		field += lineEndBefore(src, at)
	case len(literal.Elts) > 0:
		field += " "
	}
	return slices.Concat(src[:at], []byte(field), src[at:]), nil
}

// nextIn returns where the first element of the literal stands, or its end.
func nextIn(literal *ast.CompositeLit) token.Pos {
	if len(literal.Elts) > 0 {
		return literal.Elts[0].Pos()
	}
	return literal.Rbrace
}

// findLiteral returns the first composite literal of type pkg.name.
func findLiteral(file *ast.File, pkg, name string) *ast.CompositeLit {
	for node := range ast.Preorder(file) {
		literal, ok := node.(*ast.CompositeLit)
		if !ok {
			continue
		}
		selector, ok := literal.Type.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != name {
			continue
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == pkg {
			return literal
		}
	}
	return nil
}

// lineEndBefore returns the line ending, of either kind, that stands before offset.
func lineEndBefore(src []byte, offset int) string {
	if bytes.HasSuffix(src[:offset], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// indentAt returns the blanks at the start of the line that offset is in.
func indentAt(src []byte, offset int) string {
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	line := src[start:offset]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}
