package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// copyFunctions gives the package in dir, which has got the kind's types from another version, the functions by which that
// version converts and defaults them by hand: the generators count on them. What cannot be copied is left to the user.
func (a *addition) copyFunctions(from *goPackage, dir string) error {
	to, err := a.parsePackage(dir)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, d := range to.declarations() {
		if !d.isMethod() {
			for _, name := range d.names {
				have[name] = true
			}
		}
	}
	rename := versionRenamer(path.Base(from.dir), path.Base(dir))
	for _, function := range from.byHand(a.Kind) {
		name := rename(function.names[0])
		if have[name] {
			continue
		}
		file := path.Join(dir, "conversion.go")
		if strings.HasPrefix(name, "SetDefaults_") {
			file = path.Join(dir, "defaults.go")
		}
		needed := slices.DeleteFunc(from.needs(function), func(d *declaration) bool {
			return !slices.ContainsFunc(d.names, func(name string) bool { return !have[rename(name)] })
		})
		content, reason := a.withDeclarations(file, needed, rename)
		if reason != nil {
			a.byHand = append(a.byHand, fmt.Sprintf("%s in %s is written by hand and was not copied (%v): %s needs its like, %s, in %s", function.names[0], from.dir, reason, dir, name, file))
			continue
		}
		if err := a.write(file, content); err != nil {
			return err
		}
		for _, d := range needed {
			for _, name := range d.names {
				have[rename(name)] = true
			}
		}
		a.notes = append(a.notes, fmt.Sprintf("%s is copied from %s in %s: change it where the versions differ", name, function.names[0], from.dir))
	}
	return nil
}

// byHand returns the package's functions that the generators of defaults and conversions call for the types of a kind.
func (p *goPackage) byHand(kind string) []*declaration {
	types := map[string]bool{}
	for _, d := range p.closure(kind) {
		for _, name := range d.names {
			types[name] = true
		}
	}
	var found []*declaration
	for _, d := range p.declarations() {
		if d.tok == token.FUNC && !d.isMethod() && isByHand(d.names[0], types) {
			found = append(found, d)
		}
	}
	return found
}

// needs returns a declaration and those of the package that it refers to, but for methods, in the order of the files.
func (p *goPackage) needs(first *declaration) []*declaration {
	all := p.declarations()
	declaredBy := map[string]*declaration{}
	for _, d := range all {
		if !d.isMethod() {
			for _, name := range d.names {
				declaredBy[name] = d
			}
		}
	}
	wanted := map[*declaration]bool{}
	for queue := []*declaration{first}; len(queue) > 0; queue = queue[1:] {
		d := queue[0]
		if d == nil || wanted[d] {
			continue
		}
		wanted[d] = true
		ast.Inspect(d.decl, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.SelectorExpr:
				// What follows the dot is of another package, or a field.
				ast.Inspect(node.X, func(node ast.Node) bool {
					if id, ok := node.(*ast.Ident); ok {
						queue = append(queue, declaredBy[id.Name])
					}
					return true
				})
				return false
			case *ast.Ident:
				queue = append(queue, declaredBy[node.Name])
			}
			return true
		})
	}
	return slices.DeleteFunc(all, func(d *declaration) bool { return !wanted[d] })
}

// versionRenamer returns what renames, in a text, the functions that convert types of version from to those of version to.
func versionRenamer(from, to string) func(string) string {
	quoted := regexp.QuoteMeta(from)
	first := regexp.MustCompile(`\b(\w*Convert_)` + quoted + `_(\w+_To_)`)
	second := regexp.MustCompile(`\b(\w*Convert_\w+_To_)` + quoted + `_(\w+)`)
	return func(text string) string {
		text = first.ReplaceAllString(text, "${1}"+to+"_${2}")
		return second.ReplaceAllString(text, "${1}"+to+"_${2}")
	}
}

// withDeclarations returns the file with declarations of another version added at its end, or why they cannot be.
func (a *addition) withDeclarations(file string, declarations []*declaration, rename func(string) string) (content []byte, reason error) {
	filename := a.onDisk(file)
	content, err := a.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		content = fmt.Appendf(nil, "package %s\n", a.VersionPackage)
	} else if err != nil {
		return nil, err
	}
	for _, spec := range importsOf(declarations) {
		name, _ := importSpec(spec)
		at, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if at == a.versionPath() {
			return nil, errors.New("it refers to the version itself")
		}
		known, err := rewrite.NameFor(filename, content, at, name)
		if err != nil {
			return nil, err
		}
		if known != name {
			return nil, fmt.Errorf("%s is called %s there", at, known)
		}
		given := ""
		if spec.Name != nil {
			given = spec.Name.Name
		}
		if content, err = rewrite.AddImport(filename, content, given, at); err != nil {
			return nil, err
		}
	}
	newline := lineEndBefore(content, len(content))
	for _, d := range declarations {
		text := strings.TrimRight(strings.TrimLeft(rename(string(d.text())), "\r\n"), "\r\n")
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", newline)
		content = slices.Concat(bytes.TrimRight(content, "\r\n"), []byte(newline+newline+text+newline))
	}
	if _, ok := a.before[file]; ok {
		// The user's own file: no byte of it changes.
		return content, nil
	}
	return format.Source(content)
}
