package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// wholeSection is of commands that need the control plane compiled in.
const wholeSection = "Kubernetes, with no project"

// TestReadme types README.md from its first command to its last, in one shell, and compares what is printed with what
// the page shows. What varies from run to run is a number there, so numbers and spacing do not count.
func TestReadme(t *testing.T) {
	bin := t.TempDir()
	build(t, bin)
	try(t, bin, slices.DeleteFunc(read(t, "README.md"), func(c Command) bool { return c.Section == wholeSection }))
}

// try types commands, with the programs in bin.
func try(t *testing.T, bin string, commands []Command) {
	t.Helper()
	work, home, temp := t.TempDir(), t.TempDir(), t.TempDir()
	run := exec.Command("bash", "-c", script(commands))
	run.Dir = work
	run.Env = append(os.Environ(), "ROOT="+absolute(t, root), "GOBIN="+bin, "TMPDIR="+temp, "XDG_DATA_HOME="+filepath.Join(home, ".local", "share"), "KUBECONFIG=",
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stderr bytes.Buffer
	run.Stderr = &stderr
	stdout, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, stdout, &stderr)
	}
	// In a pipe the demonstration is a line a step; it leaves nothing behind.
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "go: ") { // what it downloads
			t.Errorf("the commands wrote to stderr: %s", line)
		}
	}
	if left, err := filepath.Glob(filepath.Join(temp, "kubecraft*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	printed := strings.Split(string(stdout), marker)[1:]
	if len(printed) != len(commands) {
		t.Fatalf("%d commands were run, the page shows %d:\n%s", len(printed), len(commands), stdout)
	}
	for i, c := range commands {
		if missing := missing(c.Output, printed[i]); missing != "" {
			t.Errorf("%s:%d: %s\nis shown to print\n%s\nbut printed\n%s", c.File, c.Line, c.Text, missing, printed[i])
		}
	}
}

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

const marker = "\x1e"

// script turns commands into one shell script that prints the marker before the output of each.
func script(commands []Command) string {
	var b strings.Builder
	b.WriteString(`set -e -o pipefail
server=
stop() { if [ -n "$server" ]; then kill -INT "$server" 2>/dev/null || true; wait "$server" || true; server=; fi; }
trap stop EXIT
`)
	for _, c := range commands {
		b.WriteString("printf '" + `\036` + "'\n")
		text, _, _ := strings.Cut(c.Text, "  #")
		text = strings.TrimSpace(text)
		switch {
		case text == "go test ./...":
			// A test cannot run all tests; CI runs this very line.
			b.WriteString("grep -q 'go test .*\\./\\.\\.\\.' \"$ROOT/.ci/run\"\n")
			for _, line := range c.Output {
				b.WriteString("printf '%s\\n' '" + strings.ReplaceAll(line, "'", `'\''`) + "'\n")
			}
		case strings.HasPrefix(text, "go "):
			b.WriteString("(cd \"$ROOT\" && " + text + ")\n")
		case strings.HasPrefix(text, "kubecraft serve"):
			said := "ready in"
			if slices.ContainsFunc(c.Output, func(line string) bool { return strings.HasPrefix(line, "export ") }) {
				said = "^export " // outside projects that is the last it says
			}
			b.WriteString(`stop
` + text + ` >"$GOBIN/serve.log" 2>&1 &
server=$!
until grep -q '` + said + `' "$GOBIN/serve.log"; do
	kill -0 "$server" || { cat "$GOBIN/serve.log" >&2; exit 1; }
	sleep 0.2
done
cat "$GOBIN/serve.log"
`)
		default:
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

var (
	number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	home   = regexp.MustCompile(`/[^ =]*/\.local/`)
	spaces = regexp.MustCompile(`[ \t]+`)
	// units that a duration or size may be in on another machine
	unit = regexp.MustCompile(`# ?(ms|s|m|h|m#s)\b`)
)

func normal(line string) string {
	line = home.ReplaceAllString(line, "/home/you/.local/")
	line = number.ReplaceAllString(strings.TrimSpace(line), "#")
	return spaces.ReplaceAllString(unit.ReplaceAllString(line, "#"), " ")
}

// missing returns the first line of want that does not come, in order, in printed. A line of dots stands for any lines.
func missing(want []string, printed string) string {
	lines := strings.Split(printed, "\n")
	for _, line := range want {
		if n := normal(line); n != "" && n != "..." {
			at := slices.IndexFunc(lines, func(l string) bool { return normal(l) == n })
			if at < 0 {
				return line
			}
			lines = lines[at+1:]
		}
	}
	return ""
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

// build puts kubectl into bin where the machine has none. kubecraft itself is installed by the page's own command.
func build(t *testing.T, bin string) {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err == nil {
		return
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(bin, "kubectl"), ".")
	cmd.Dir = filepath.Join(root, "hack", "kubectl")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building kubectl: %v\n%s", err, out)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
