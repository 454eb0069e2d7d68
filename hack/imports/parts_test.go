package imports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The command with the control plane in it is what examples/cluster shows: the same parts, but for the example's own.
func TestTheWholeIsTheExample(t *testing.T) {
	whole := parts(t, "../../cmd/kubecraft/internal/whole/whole.go", func(n ast.Node) []ast.Expr {
		if field, ok := n.(*ast.KeyValueExpr); ok && types.ExprString(field.Key) == "Parts" {
			if list, ok := field.Value.(*ast.CompositeLit); ok {
				return list.Elts
			}
		}
		return nil
	})
	example := parts(t, "../../examples/cluster/main.go", func(n ast.Node) []ast.Expr {
		if call, ok := n.(*ast.CallExpr); ok && types.ExprString(call.Fun) == "controlplane.Main" {
			return call.Args
		}
		return nil
	})
	if len(whole) == 0 || !slices.Equal(whole, example) {
		t.Errorf("the command is made of %v, the example of %v", whole, example)
	}
}

// parts returns the expressions of a list that are made by packages of the runtime's, with the path of each package.
func parts(t *testing.T, file string, list func(ast.Node) []ast.Expr) (found []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	imported := map[string]string{}
	for _, spec := range parsed.Imports {
		from, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(from)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = from
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		for _, part := range list(n) {
			pkg, rest, _ := strings.Cut(types.ExprString(part), ".")
			if from := imported[strings.TrimLeft(pkg, "&")]; strings.HasPrefix(from, module+"/runtime/") {
				found = append(found, from+"."+rest)
			}
		}
		return true
	})
	return found
}
