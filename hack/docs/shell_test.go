//go:build readme || whole

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

// wholeSection is of commands that need the control plane compiled in.
const wholeSection = "Kubernetes, with no project"

// try types commands, with the programs in bin.
func try(t *testing.T, bin string, commands []Command) {
	t.Helper()
	work, home, temp := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.Symlink(filepath.Join(absolute(t, root), "hack"), filepath.Join(work, "hack")); err != nil { // as in a clone
		t.Fatal(err)
	}
	run := exec.Command("bash", "-c", script(commands))
	run.Dir = work
	run.Env = append(os.Environ(), "ROOT="+absolute(t, root), "GOBIN="+bin, "TMPDIR="+temp, "HOME="+home, "XDG_DATA_HOME=", "KUBECONFIG=",
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	// What go keeps in a home is the tests' own.
	caches := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPATH")
	out, err := caches.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, dir := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		run.Env = append(run.Env, caches.Args[2+i]+"="+dir)
	}
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
	unit = regexp.MustCompile(`# ?(ms|s|m|h|m#s|minutes)\b`)
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

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
