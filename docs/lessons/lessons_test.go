package lessons_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/docs/lessons"
	"github.com/kubecraft/kubecraft/generator/lesson"
)

var update = flag.Bool("update", false, "write the pages anew")

// TestPages holds the pages to the lessons.
func TestPages(t *testing.T) {
	pages := lesson.Pages(load(t))
	there, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if _, ok := pages[name]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s is of no lesson: hack/update-lessons.sh removes it", name)
		} else if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, page := range pages {
		if *update {
			if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != page {
			t.Errorf("%s is not what the lessons say (%v): hack/update-lessons.sh writes it", name, err)
		}
	}
}

// TestLength holds each lesson to two screens of text: what stands between the commands.
func TestLength(t *testing.T) {
	for _, l := range load(t) {
		if lines := strings.Count(l.Text(), "\n"); lines > 120 {
			t.Errorf("%s has %d lines", l.File(), lines)
		}
	}
}

// TestUpstream looks for every package and name that a lesson points to, in the versions that go.mod requires.
func TestUpstream(t *testing.T) {
	wanted := map[string][]string{}
	for _, l := range load(t) {
		for _, p := range l.Upstream {
			wanted[p.Package] = append(wanted[p.Package], p.Names...)
		}
	}
	args := []string{"list", "-find", "-f", "{{.ImportPath}} {{.Dir}}"}
	for path := range wanted {
		args = append(args, path)
	}
	list := exec.Command("go", args...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		there := declared(t, dir)
		for _, name := range wanted[path] {
			if !there[name] {
				t.Errorf("%s declares no %s", path, name)
			}
		}
	}
}

// declared are the names of a package, methods and fields of structs as in "Scheme.New".
func declared(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					name = receiver(d.Recv.List[0].Type) + "." + name
				}
				names[name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
						members(spec, names)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names[name.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// members adds the fields of a struct, the methods of an interface.
func members(spec *ast.TypeSpec, names map[string]bool) {
	var list *ast.FieldList
	switch t := spec.Type.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			names[spec.Name.Name+"."+name.Name] = true
		}
	}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

func load(t *testing.T) []lesson.Lesson {
	t.Helper()
	all, err := lesson.Load(lessons.Files)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
