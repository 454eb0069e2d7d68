package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// copyKind returns a source file of package version that declares the kind as from does: its types, the types of their
// fields, and the constants of those types, but for what to declares already. So the new version converts to and from the
// internal type as the other does.
func copyKind(from, to *goPackage, kind, version string) ([]byte, error) {
	wanted := from.closure(kind)
	var main *goFile
	have := map[string]bool{}
	for _, d := range to.declarations() {
		for _, name := range d.names {
			have[name] = true
		}
	}
	wanted = slices.DeleteFunc(wanted, func(d *declaration) bool {
		if slices.Contains(d.names, kind) {
			main = d.file
		}
		return !slices.ContainsFunc(d.names, func(name string) bool { return !have[name] })
	})
	if main == nil {
		return nil, fmt.Errorf("%s: no type %s to start from", from.dir, kind)
	}
	if from.isAllOf(main, wanted) {
		return renamePackage(from.fset, main, version), nil
	}

	var out bytes.Buffer
	out.Write(main.src[:from.fset.Position(main.Package).Offset])
	fmt.Fprintf(&out, "package %s\n\n", version)
	writeImports(&out, importsOf(wanted))
	// What stands in the kind's own file comes first.
	for _, own := range []bool{true, false} {
		for _, d := range wanted {
			if (d.file == main) == own {
				out.WriteByte('\n')
				out.Write(bytes.TrimLeft(d.text(), "\r\n"))
			}
		}
	}
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: copying %s to %s: %w", from.dir, kind, version, err)
	}
	return formatted, nil
}

// closure returns the declarations that kind and its list need, in the order of the files.
func (p *goPackage) closure(kind string) []*declaration {
	all := p.declarations()
	declaredBy := map[string]*declaration{}
	for _, d := range all {
		if d.tok == token.TYPE || d.tok == token.CONST {
			for _, name := range d.names {
				declaredBy[name] = d
			}
		}
	}
	wanted := map[*declaration]bool{}
	queue := []*declaration{declaredBy[kind], declaredBy[kind+"List"]}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		if d == nil || wanted[d] {
			continue
		}
		wanted[d] = true
		for _, name := range namesUsed(d.decl) {
			queue = append(queue, declaredBy[name])
		}
		if d.tok != token.TYPE {
			continue
		}
		for _, c := range all {
			if c.tok == token.CONST && slices.ContainsFunc(namesUsed(c.decl), func(name string) bool { return slices.Contains(d.names, name) }) {
				queue = append(queue, c)
			}
		}
	}
	return slices.DeleteFunc(all, func(d *declaration) bool { return !wanted[d] })
}

// namesUsed returns the names by which a declaration may refer to others of its package.
func namesUsed(decl ast.Node) []string {
	var names []string
	ast.Inspect(decl, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr: // of another package
			return false
		case *ast.Field:
			names = append(names, namesUsed(node.Type)...)
			return false
		case *ast.Ident:
			names = append(names, node.Name)
		}
		return true
	})
	return names
}

// isAllOf says whether the declarations are exactly those of the file.
func (p *goPackage) isAllOf(file *goFile, declarations []*declaration) bool {
	all := p.declarations()
	all = slices.DeleteFunc(all, func(d *declaration) bool { return d.file != file })
	return slices.EqualFunc(all, declarations, func(a, b *declaration) bool { return a.file == b.file && a.start == b.start })
}

func renamePackage(fset *token.FileSet, file *goFile, name string) []byte {
	start, end := fset.Position(file.Name.Pos()).Offset, fset.Position(file.Name.End()).Offset
	return slices.Concat(file.src[:start], []byte(name), file.src[end:])
}

// importsOf returns the imports that the declarations need.
func importsOf(declarations []*declaration) []*ast.ImportSpec {
	var specs []*ast.ImportSpec
	for _, d := range declarations {
		packages := map[string]bool{}
		ast.Inspect(d.decl, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok {
					packages[x.Name] = true
				}
			}
			return true
		})
		for _, spec := range d.file.Imports {
			if name, _ := importSpec(spec); packages[name] && !slices.Contains(specs, spec) {
				specs = append(specs, spec)
			}
		}
	}
	return specs
}

func writeImports(out *bytes.Buffer, imports []*ast.ImportSpec) {
	specs := map[string]bool{}
	for _, spec := range imports {
		_, text := importSpec(spec)
		specs[text] = true
	}
	if len(specs) == 0 {
		return
	}
	out.WriteString("import (\n")
	for _, text := range slices.SortedFunc(maps.Keys(specs), byPath) {
		fmt.Fprintf(out, "\t%s\n", text)
	}
	out.WriteString(")\n")
}

func byPath(a, b string) int {
	return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
}

// importSpec returns the name by which a file knows an import, and the text that imports it.
func importSpec(spec *ast.ImportSpec) (name, text string) {
	if spec.Name != nil {
		return spec.Name.Name, spec.Name.Name + " " + spec.Path.Value
	}
	importPath, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return "", spec.Path.Value
	}
	base := path.Base(importPath)
	if majorVersion.MatchString(base) && !strings.Contains(importPath, "/api/") && !strings.Contains(importPath, "/apis/") {
		base = path.Base(path.Dir(importPath))
	}
	return base, spec.Path.Value
}

// majorVersion matches the last element of a module path that is not its name.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)
