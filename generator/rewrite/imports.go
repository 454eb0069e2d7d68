package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// AddImport imports path under name; an empty name stands for the package's own. It adds nothing when path is imported
// under any usable name: ask NameFor first, and use what it returns. A name that the file uses for something else is an
// error.
func AddImport(filename string, src []byte, name, path string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	if _, ok := f.importName(path); ok {
		return src, nil
	}
	if path == "" || strings.ContainsAny(path, "\"`\\ \t\r\n") {
		return nil, fmt.Errorf("%q is not an import path", path)
	}
	spec := strconv.Quote(path)
	used := name
	if name != "" {
		spec = name + " " + spec
	} else {
		used = f.assumedName(path)
	}
	if !token.IsIdentifier(used) || used == "_" {
		return nil, fmt.Errorf("%q cannot name an import", used)
	}
	if at, taken := f.uses(used, path); taken {
		return nil, fmt.Errorf("%s:%d: the name %s stands for something else here: import %s under another name", filename, f.line(at), used, path)
	}
	return choose(src, f.importEdits(path, spec)...), nil
}

// ImportName returns the name by which the file knows the package at path, and whether it imports it at all. Imports
// for side effects (_) and into the file's own scope (.) do not count. Where the import gives no name, it is assumed
// from the path, as Go tools do.
func ImportName(filename string, src []byte, path string) (string, bool, error) {
	f, err := parse(filename, src)
	if err != nil {
		return "", false, err
	}
	name, ok := f.importName(path)
	return name, ok, nil
}

// NameFor returns the name under which the file should know the package at path: the one it uses, else want, else, when
// want means something else in the file, want followed by the lowest number from 2 that is free.
func NameFor(filename string, src []byte, path, want string) (string, error) {
	f, err := parse(filename, src)
	if err != nil {
		return "", err
	}
	if name, ok := f.importName(path); ok {
		return name, nil
	}
	name := want
	for n := 2; ; n++ {
		if _, taken := f.uses(name, path); !taken {
			return name, nil
		}
		name = fmt.Sprint(want, n)
	}
}

func (f *file) importName(path string) (string, bool) {
	for _, spec := range f.ast.Imports {
		if importPath(spec) != path {
			continue
		}
		switch {
		case spec.Name == nil:
			return f.assumedName(path), true
		case spec.Name.Name != "_" && spec.Name.Name != ".":
			return spec.Name.Name, true
		}
	}
	return "", false
}

func importPath(spec *ast.ImportSpec) string {
	s, _ := stringValue(spec.Path)
	return s
}

// assumedName returns the package name that a path suggests. A last element like v2 is a module's major version or an
// API version: then the file's own use of one of the two names decides.
func (f *file) assumedName(importPath string) string {
	base := path.Base(importPath)
	rest, isNumbered := strings.CutPrefix(base, "v")
	if _, err := strconv.ParseUint(rest, 10, 32); isNumbered && err == nil && rest != "0" && rest != "1" {
		module := packageName(path.Base(path.Dir(importPath)))
		isAPI := strings.Contains(importPath, "/apis/") || strings.Contains(importPath, "/api/")
		if f.qualifies(base) || (isAPI && !f.qualifies(module)) {
			return base
		}
		if path.Dir(importPath) != "." {
			return module
		}
	}
	return packageName(base)
}

// packageName makes a path element an identifier as Go tools assume it: go-yaml and yaml.v3 are yaml.
func packageName(element string) string {
	element = strings.TrimPrefix(element, "go-")
	end := strings.IndexFunc(element, func(r rune) bool { return !token.IsIdentifier("x" + string(r)) })
	if end >= 0 {
		element = element[:end]
	}
	return element
}

// qualifies says whether the file has name in front of a dot.
func (f *file) qualifies(name string) bool {
	found := false
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && identName(s.X) == name {
			found = true
		}
		return !found
	})
	return found
}

// uses finds what name stands for in the file, other than a package at path. Any use counts, even in a scope that an
// import would not reach: a new import must not change what code means, nor be hidden from code to come.
func (f *file) uses(name, path string) (at int, taken bool) {
	if token.IsKeyword(name) {
		return 0, true
	}
	for _, spec := range f.ast.Imports {
		known := ""
		if spec.Name != nil {
			known = spec.Name.Name
		} else {
			known = f.assumedName(importPath(spec))
		}
		if known == name && importPath(spec) != path {
			return f.offset(spec.Pos()), true
		}
	}
	fields := map[*ast.Ident]bool{f.ast.Name: true}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if taken {
			return false
		}
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			fields[n.Sel] = true
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					fields[id] = true
				}
			}
		case *ast.Ident:
			if n.Name == name && !fields[n] {
				at, taken = f.offset(n.Pos()), true
			}
		}
		return !taken
	})
	return at, taken
}

// line returns the line number of an offset, from 1.
func (f *file) line(offset int) int { return 1 + strings.Count(string(f.src[:offset]), "\n") }
