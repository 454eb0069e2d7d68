//go:build whole

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubecraft/kubecraft/docs/lessons"
	"github.com/kubecraft/kubecraft/generator/lesson"
)

// TestWholeLessons does the lessons in one project, one after the other, as `kubecraft learn` does, serves the project after each, types
// the lesson's commands, and compares what they print with what the lesson says.
func TestWholeLessons(t *testing.T) {
	t.Parallel()
	course := newCourse(t, buildTool(t, "kubectl"), findTool(t, "etcdctl"))
	for _, l := range course.lessons {
		course.do(t, l)
		course.try(t, l)
	}
}

// course is the lessons, and the project that they make.
type course struct {
	lessons []lesson.Lesson
	env     []string
	project string
	stop    func()
}

func newCourse(t *testing.T, tools ...string) *course {
	t.Helper()
	all, err := lesson.Load(lessons.Files)
	if err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(t.TempDir(), "lessons")
	path := os.Getenv("PATH")
	for _, tool := range tools {
		path = filepath.Dir(tool) + string(filepath.ListSeparator) + path
	}
	env := append(goEnv(t), "HOME="+t.TempDir(), "KUBECONFIG="+filepath.Join(project, "pki", "kubeconfig"), "PATH="+path)
	return &course{lessons: all, env: env, project: project, stop: func() {}}
}

// do does a lesson to the project, and checks what learn says of all of them after it.
func (c *course) do(t *testing.T, l lesson.Lesson) {
	t.Helper()
	if l.Number == 1 {
		init := append(slices.Clone(l.Steps[0].Verb), "--kubecraft", absolute(t, "../.."))
		run(t, c.env, filepath.Dir(c.project), "kubecraft", init...)
		return
	}
	run(t, c.env, c.project, "kubecraft", "learn", l.File(), "--apply")
	for i, state := range c.states(t) {
		if done := i < l.Number; done != (state == "done") || (i == l.Number) != (state == "next") {
			t.Errorf("lesson %d is said to be %s after lesson %d", i+1, state, l.Number)
		}
	}
}

// states are what learn says of the lessons.
func (c *course) states(t *testing.T) (states []string) {
	t.Helper()
	cmd := exec.Command("kubecraft", "learn", "-o", "json")
	cmd.Dir, cmd.Env = c.project, append(os.Environ(), c.env...)
	out, err := cmd.Output()
	var list []struct{ State string }
	if err == nil {
		err = json.Unmarshal(out, &list)
	}
	if err != nil || len(list) != len(c.lessons) {
		t.Fatalf("kubecraft learn -o json: %v\n%s", err, out)
	}
	for _, l := range list {
		states = append(states, l.State)
	}
	return states
}

// try types a lesson's commands, in one shell.
func (c *course) try(t *testing.T, l lesson.Lesson) {
	t.Helper()
	t.Run(l.File(), func(t *testing.T) {
		sh := c.newShell(t)
		for _, command := range l.Commands() {
			if command.Serves() {
				c.stop()
				c.stop = serve(t, c.env, c.project, command.ServeArgs()...)
				continue
			}
			printed, code := sh.enter(t, command.Text)
			if !shows(command.Output, printed) || code != "0" && len(command.Output) == 0 {
				t.Errorf("%s.txtar:%d: $ %s\nprints (exit code %s)\n%s\nand is shown to print\n%s", l.File(), command.Line, command.Text, code, printed, strings.Join(command.Output, "\n"))
			}
		}
	})
}

// shell is a reader's.
type shell struct {
	in      io.Writer
	out     *bufio.Reader
	process *os.Process
}

// patience is how long a command may take. Some wait for what does not come when something is wrong.
const patience = 5 * time.Minute

func (c *course) newShell(t *testing.T) *shell {
	t.Helper()
	bash := exec.Command("bash")
	bash.Dir, bash.Env = c.project, append(os.Environ(), c.env...)
	in, err := bash.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := bash.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bash.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = bash.Wait()
	})
	return &shell{in, bufio.NewReader(out), bash.Process}
}

// marker stands before and after the exit code that comes after what a command prints.
const marker = '\x1e'

// enter types a command and returns what it prints, and its exit code.
func (s *shell) enter(t *testing.T, command string) (printed, code string) {
	t.Helper()
	limit := time.AfterFunc(patience, func() { _ = s.process.Kill() })
	defer limit.Stop()
	if _, err := io.WriteString(s.in, "{ "+command+"\n} 2>&1 </dev/null; printf '\\036%d\\036' $?\n"); err != nil {
		t.Fatal(err)
	}
	for _, part := range []*string{&printed, &code} {
		text, err := s.out.ReadString(marker)
		if err != nil {
			t.Fatalf("$ %s: %v\n%s", command, err, text)
		}
		*part = strings.TrimSuffix(text, string(marker))
	}
	return printed, code
}

var (
	blanks    = regexp.MustCompile(`\s+`)
	duration  = regexp.MustCompile(`(^| )[0-9.]+(ms|s|m|h)([0-9]+s)?( |$)`)
	ephemeral = regexp.MustCompile(`127\\\.0\\\.0\\\.1:[0-9]+`)
)

// shows says whether the lines are those that a command has printed. A line of dots stands for any lines, an ellipsis for anything in a
// line; spacing, ages and the server's port do not count.
func shows(lines []string, printed string) bool {
	var want strings.Builder
	for _, line := range lines {
		if line == "..." {
			want.WriteString(`(?:.*\n)*?`)
			continue
		}
		line = duration.ReplaceAllString(blanks.ReplaceAllString(strings.TrimSpace(line), " "), "$1…$4")
		line = ephemeral.ReplaceAllString(regexp.QuoteMeta(line), "127\\.0\\.0\\.1:[0-9]+")
		want.WriteString(strings.ReplaceAll(line, "…", ".*") + `\n`)
	}
	var got strings.Builder
	for line := range strings.Lines(printed) {
		if line = strings.TrimSpace(blanks.ReplaceAllString(line, " ")); line != "" {
			got.WriteString(line + "\n")
		}
	}
	return regexp.MustCompile("^" + want.String() + "$").MatchString(got.String())
}

func TestWholeShows(t *testing.T) {
	for _, c := range []struct {
		lines   []string
		printed string
		want    bool
	}{
		{[]string{"a   1", "..."}, "a 1\nb\n", true},
		{[]string{"a 1"}, "a 1\nb\n", false},
		{[]string{"a 1"}, "a 2\n", false},
		{[]string{"first   12s"}, "first  3m2s\n", true},
		{[]string{"web-…   Running"}, "web-abc Running\n", true},
		{[]string{"...", "z"}, "x\ny\nz", true},
		{nil, "x\n", false},
		{nil, "", true},
	} {
		if got := shows(c.lines, c.printed); got != c.want {
			t.Errorf("shows(%q, %q) = %v", c.lines, c.printed, got)
		}
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
