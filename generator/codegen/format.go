package codegen

import (
	"bytes"
	"go/ast"
	goformat "go/format"
	"go/parser"
	"go/token"

	"golang.org/x/tools/imports"
)

// format gives generated source the layout that upstream gives it: imports grouped and sorted as goimports does, then
// "gofmt -s", in process.
func format(src []byte) ([]byte, error) {
	src, err := imports.Process("", src, &imports.Options{
		Comments: true, TabIndent: true, TabWidth: 8, FormatOnly: true,
	})
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if !simplify(file) {
		return src, nil
	}
	ast.SortImports(fset, file)
	var b bytes.Buffer
	if err := goformat.Node(&b, fset, file); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
