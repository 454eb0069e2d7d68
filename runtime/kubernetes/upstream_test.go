package kubernetes_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateUpstream = flag.Bool("update-upstream", false, "write testdata/upstream.txt anew, after reading what of upstream's has changed")

// departing are the files with code that stands for some of upstream's.
var departing = []string{"internal/departures/*.go", "*.go", "../apiserver/*.go", "../authentication/*.go", "../loopback/*.go", "../storage/*.go"}

// What we do otherwise was written against a place in upstream's source, which it names. When the function there changes, what
// stands for it has to be looked at again.
func TestUpstreamIsAsItWas(t *testing.T) {
	t.Parallel()
	const golden = "testdata/upstream.txt"
	var lines []string
	for place := range placesOfUpstream(t) {
		lines = append(lines, place.describe(t))
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *updateUpstream {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(known, line) {
			t.Errorf("%s\nis not as it was when our code was written against it: read it, mend what names it here, and run this test with -update-upstream", line)
		}
	}
	if len(known) != len(lines) {
		t.Errorf("%s has %d places, our code names %d: run this test with -update-upstream", golden, len(known), len(lines))
	}
}

// upstreamPlace is a line of upstream's source.
type upstreamPlace struct {
	dir  string // of the package, on disk
	file string // by import path
	line int
}

// placesOfUpstream are all that the comments of departing files name.
func placesOfUpstream(t *testing.T) map[upstreamPlace]bool {
	t.Helper()
	mention := regexp.MustCompile(`(k8s\.io/[\w./-]+\.go):(\d+)`)
	lines := map[string][]int{}
	packages := map[string]bool{}
	for _, pattern := range departing {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
				line, err := strconv.Atoi(m[2])
				if err != nil {
					t.Fatal(err)
				}
				lines[m[1]] = append(lines[m[1]], line)
				packages[path.Dir(m[1])] = true
			}
		}
	}
	args := append([]string{"list", "-f", "{{.ImportPath}} {{.Dir}}"}, slices.Sorted(maps.Keys(packages))...)
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirs[name] = dir
	}
	places := map[upstreamPlace]bool{}
	for file, all := range lines {
		for _, line := range all {
			places[upstreamPlace{dirs[path.Dir(file)], file, line}] = true
		}
	}
	return places
}

// describe returns the place, what is declared there, and a sum of its source.
func (p upstreamPlace) describe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(p.dir, path.Base(p.file))
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declared := range parsed.Decls {
		begin, end := files.Position(declared.Pos()), files.Position(declared.End())
		if begin.Line > p.line || end.Line < p.line {
			continue
		}
		what := "declaration"
		if function, ok := declared.(*ast.FuncDecl); ok {
			what = function.Name.Name
		}
		return fmt.Sprintf("%s:%d %s %.6x", p.file, p.line, what, sha256.Sum256(text[begin.Offset:end.Offset]))
	}
	t.Fatalf("%s:%d: nothing is declared there", p.file, p.line)
	return ""
}
