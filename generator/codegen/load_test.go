package codegen

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
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

// Blanking keeps declarations and positions: on every file of some large packages.
func TestBlankBodies(t *testing.T) {
	meta := filepath.Join(moduleDir(t, "k8s.io/apimachinery"), "pkg/apis/meta/v1")
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	std := filepath.Join(strings.TrimSpace(string(out)), "src")
	for _, dir := range []string{meta, filepath.Join(std, "unicode"), filepath.Join(std, "runtime"), filepath.Join(std, "net/http"), filepath.Join(std, "go/types")} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) < 3 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		before, after := 0, 0
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			blank := bytes.Clone(src)
			blankBodies(blank)
			if len(blank) != len(src) || bytes.Count(blank, []byte("\n")) != bytes.Count(src, []byte("\n")) {
				t.Fatalf("%s: the layout changed", name)
			}
			before += len(bytes.Fields(src))
			after += len(bytes.Fields(blank))
			if got, want := declared(t, blank), declared(t, src); got != want {
				t.Errorf("%s: declarations are at other places", name)
			}
		}
		if after > before*9/10 {
			t.Errorf("%s: %d words of %d are left", dir, after, before)
		}
	}
}

func TestBlankBodiesLeavesTypesAlone(t *testing.T) {
	const src = `package p

var a = [...]int{
	1,
}

var b = f(T{
	1,
})

var c = []T{{
	1,
}}

var m = func() int {
	return 1
}()

var d struct {
	e int
}

func f(t struct {
	g int
}) {
}

func h() interface {
	i()
} {
	return nil
}

func j() {
	k := ` + "`" + `
}
` + "`" + `
	_ = k
}

var n = T{
	1,
}.o()

type p struct{}

func q() {
} // q

type r struct{}

func s() {
	t()
 }
type u struct{}

func l() {
	/*
}
	*/
}
`
	blank := []byte(src)
	blankBodies(blank)
	if got := string(blank); got != src {
		t.Errorf("it became\n%s", got)
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

// What is trimmed from dependencies must not become an error of the user's.
func TestTrimmingBreaksNothing(t *testing.T) {
	for name, code := range map[string]string{
		"a constraint met by a method of Go's own": `
import (
	"fmt"
	"net/url"
)

type holder[T fmt.Stringer] struct{ held T }

type held = holder[*url.URL]
`,
		"a dot import": `
import . "net/url"

type place struct{ at URL }
`,
		"a length that is counted from other constants": `
import "go/token"

type tokens struct{ counts [token.VAR]int }
`,
		"a type behind a value": `
import "net/http"

var client = http.DefaultClient

type fetcher struct{ get func(*http.Client) }
`,
	} {
		t.Run(name, func(t *testing.T) {
			files := demo(t)
			files["pkg/apis/example/more.go"] = []byte("package example\n" + code)
			dir := t.TempDir()
			write(t, dir, files)
			run(t, Options{Dir: dir})
		})
	}
}
