package codegen

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The unsafe part must not meet another layout unnoticed.
func TestGengoLayout(t *testing.T) {
	if err := checkLayout(); err != nil {
		t.Fatal(err)
	}
	u := &universe{fset: token.NewFileSet()}
	p, err := u.newParser()
	if err != nil {
		t.Fatal(err)
	}
	if found := p.UserRequestedPackages(); len(found) > 0 {
		t.Errorf("an empty parser has %v", found)
	}
}

// Blanking keeps declarations and positions: on every file of a large package.
func TestBlankBodies(t *testing.T) {
	dir := filepath.Join(moduleDir(t, "k8s.io/apimachinery"), "pkg/apis/meta/v1")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	saved := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		blank := blankBodies(src)
		if len(blank) != len(src) || bytes.Count(blank, []byte("\n")) != bytes.Count(src, []byte("\n")) {
			t.Fatalf("%s: the layout changed", name)
		}
		saved += len(bytes.Fields(src)) - len(bytes.Fields(blank))
		if got, want := declared(t, blank), declared(t, src); got != want {
			t.Errorf("%s: %s instead of %s", name, got, want)
		}
	}
	if saved == 0 {
		t.Error("nothing was blanked")
	}
}

// declared describes the positions of a file's declarations.
func declared(t *testing.T, src []byte) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, d := range file.Decls {
		b.WriteString(fset.Position(d.Pos()).String() + "-" + fset.Position(d.End()).String() + "\n")
	}
	return b.String()
}

func TestKeptFlags(t *testing.T) {
	if got := keptFlags("-mod=vendor -modfile=x.mod -tags=a,b --modcacherw"); got != "-modfile=x.mod --modcacherw" {
		t.Errorf("kept %q", got)
	}
}
