package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// TestOtherPages holds every other page to commands that README.md, and so TestReadme, has.
func TestOtherPages(t *testing.T) {
	known := read(t, "README.md")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join(root, "README.zh-CN.md")) {
		rel, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range read(t, rel) {
			if !slices.ContainsFunc(known, func(k Command) bool { return k.Text == c.Text && slices.Equal(k.Output, c.Output) }) {
				t.Errorf("%s:%d: %q with its output is not in README.md, so no test runs it", c.File, c.Line, c.Text)
			}
		}
	}
	if got, want := len(read(t, "README.zh-CN.md")), len(known); got != want {
		t.Errorf("README.zh-CN.md shows %d commands, README.md %d", got, want)
	}
}

// TestExamplesOfTestenv holds the code that package testenv and the READMEs show to the tests of examples/testenv, which run.
func TestExamplesOfTestenv(t *testing.T) {
	var tests strings.Builder
	files, err := filepath.Glob(filepath.Join(root, "examples", "testenv", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			tests.WriteString(strings.TrimLeft(line, "\t"))
		}
	}
	doc, err := os.ReadFile(filepath.Join(root, "runtime", "testenv", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	var shown []string // blocks of code
	inside := false
	for line := range strings.Lines(string(doc)) {
		code, isCode := strings.CutPrefix(line, "//\t")
		if isCode && !inside {
			shown = append(shown, "")
		}
		if inside = isCode; isCode {
			shown[len(shown)-1] += strings.TrimLeft(code, "\t")
		}
	}
	for _, page := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			shown = append(shown, regexp.MustCompile(`(?m)^\t+`).ReplaceAllString(m[1], ""))
		}
	}
	if len(shown) < 6 {
		t.Errorf("%d examples are found", len(shown))
	}
	for _, code := range shown {
		if !strings.Contains(tests.String(), code) {
			t.Errorf("no test of examples/testenv has\n%s", code)
		}
	}
}

// TestPathsExist checks the paths in code spans that look like kubecraft's own.
func TestPathsExist(t *testing.T) {
	span := regexp.MustCompile("`((?:cmd|templates|generator|runtime|examples|hack|docs)/[A-Za-z0-9_./-]*)`")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "README.zh-CN.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range span.FindAllStringSubmatch(string(text), -1) {
			found++
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no paths found: has the pages' notation changed?")
	}
}

func read(t *testing.T, page string) []Command {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	commands, err := Commands(page, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return commands
}
