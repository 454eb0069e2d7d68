package project

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// sourceFile is one parsed file of a package, written by a person or by kubecraft once.
type sourceFile struct {
	name string
	src  []byte
	tree *ast.File
	fset *token.FileSet
}

// SourceFiles returns the names of the files in a folder that make up its package as people wrote it: neither tests nor
// generated ones, which may be stale or broken while nobody's code is, nor what Go ignores. A folder that is not there has none.
func SourceFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() && IsSourceFile(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// IsSourceFile says whether a file of that name is one of SourceFiles.
func IsSourceFile(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
		!strings.HasPrefix(name, "zz_generated.") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_")
}

// GeneratedDir holds the generated packages, a slash path from the project's root.
const GeneratedDir = "pkg/generated"

// IsGenerated says whether a file, by its slash path from the project's root, is one that generators write.
func IsGenerated(file string) bool {
	return strings.HasPrefix(path.Base(file), "zz_generated.") || strings.HasPrefix(file, GeneratedDir+"/")
}

// EachGoFile calls visit with the slash path from dir, the project's root, of every Go file of the project's own: neither those of other
// modules within it nor what Go ignores. It ends when visit says fs.SkipAll.
func EachGoFile(dir string, visit func(file string) error) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		ignored := name != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
		if entry.IsDir() {
			_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file), "go.mod"))
			if file != "." && (err == nil || name == "vendor" || name == "testdata" || ignored) {
				return fs.SkipDir
			}
			return nil
		}
		if ignored || !strings.HasSuffix(name, ".go") {
			return nil
		}
		return visit(file)
	})
}

// readPackage parses the source files of a folder.
func readPackage(dir string) ([]sourceFile, error) {
	names, err := SourceFiles(dir)
	if err != nil {
		return nil, err
	}
	var files []sourceFile
	fset := token.NewFileSet()
	for _, name := range names {
		file := filepath.Join(dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		tree, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, firstProblem(err)
		}
		files = append(files, sourceFile{file, src, tree, fset})
	}
	return files, nil
}

// firstProblem returns the first syntax error of a file: what follows is often its consequence.
func firstProblem(err error) error {
	if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
		return fmt.Errorf("%w: correct it, then run the command again", list[0])
	}
	return err
}

// importPath returns the path of the package that the file knows by that name.
func (f sourceFile) importPath(name string) string {
	for _, spec := range f.tree.Imports {
		p := stringValue(spec.Path)
		known := path.Base(p)
		if spec.Name != nil {
			known = spec.Name.Name
		}
		if known == name {
			return p
		}
	}
	return ""
}

// stringValue returns the value of a string literal, or "".
func stringValue(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// lastName returns the last part of a possibly qualified name, or "".
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// qualifier returns the package name in front of a qualified name, or "".
func qualifier(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if id, ok := s.X.(*ast.Ident); ok {
			return id.Name
		}
	}
	return ""
}

// constant returns the string that a package-level constant or variable of that name is set to.
func constant(files []sourceFile, name string) string {
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range gen.Specs {
				value, ok := spec.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, id := range value.Names {
					if id.Name == name && i < len(value.Values) {
						return stringValue(value.Values[i])
					}
				}
			}
		}
	}
	return ""
}
