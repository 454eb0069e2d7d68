package scaffold

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"

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
	if line, _, found := bytes.Cut(src[at:], []byte("\n")); found && len(bytes.TrimSpace(line)) == 0 {
		field = string(lineEnd(line)) + indentAt(src, at) + "\t" + field
	} else if len(literal.Elts) > 0 {
		field += " "
	}
	return bytes.Join([][]byte{src[:at], []byte(field), src[at:]}, nil), nil
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

// lineEnd returns the end of a line that was cut before its newline.
func lineEnd(line []byte) []byte {
	if bytes.HasSuffix(line, []byte("\r")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}

// indentAt returns the blanks at the start of the line that offset is in.
func indentAt(src []byte, offset int) string {
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	line := src[start:offset]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}
