package gotool

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
)

// Build is a package to be compiled, or compiled and linked.
type Build struct {
	// Dir is where go runs: the project's root.
	Dir string
	// Package is a pattern such as "." or an import path.
	Package string
	// Output is the binary to write, relative to Dir; "" writes none.
	Output string
	// Tags are build tags, separated by commas. May be empty.
	Tags string
	// Todo is how many packages are to be compiled, if the caller knows (see Stale). Otherwise they are counted, once
	// it is clear that there are more than a few.
	Todo int
	// Progress is called as the work goes on, never twice at a time. May be nil.
	Progress func(Progress)
}

// tags are the flags for them. With none, those of the user's GOFLAGS hold.
func (b Build) tags() []string {
	if b.Tags == "" {
		return nil
	}
	return []string{"-tags=" + b.Tags}
}

// Progress is where a build has got to.
type Progress struct {
	// Done packages of Todo have begun to compile; packages in the build cache are in neither. Todo is 0 while unknown.
	Done, Todo int
	// Name is the package being compiled, or the module being downloaded.
	Name        string
	Downloading bool
}

// BuildError is what go says about code that does not compile, as it says it.
type BuildError struct {
	Output string
}

func (e *BuildError) Error() string { return e.Output }

// many is the number of packages from which on counting pays.
const many = 8

// Build compiles. Errors are a *BuildError, ctx.Err(), or say why go could not be run.
func (t *Tool) Build(ctx context.Context, b Build) error {
	args := append([]string{"build", "-v", "-buildvcs=false"}, b.tags()...)
	if b.Output != "" {
		args = append(args, "-o", b.Output)
	}
	cmd := t.command(ctx, b.Dir, append(args, b.Package)...)
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write

	watch, stop := context.WithCancel(ctx)
	defer stop()
	w := &watcher{build: b, todo: b.Todo, count: func() int { return t.Stale(watch, b) }}
	w.running.Go(func() { w.read(read) })
	err := cmd.Run()
	write.Close()
	stop()
	w.running.Wait()

	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && w.said.Len() > 0:
		return &BuildError{Output: strings.TrimRight(w.said.String(), "\n")}
	}
	return err
}

// Stale returns how many packages a build would have to compile: those not in the build cache. It is 0 if that cannot be
// told, which the build itself will explain.
func (t *Tool) Stale(ctx context.Context, b Build) int {
	args := append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, b.tags()...)
	out, err := t.output(ctx, b.Dir, append(args, b.Package)...)
	if err != nil {
		return 0
	}
	return bytes.Count(out, []byte("\n"))
}

// watcher tells the names of packages, which `go build -v` prints as it begins them, from what the compiler says.
type watcher struct {
	build   Build
	count   func() int
	running sync.WaitGroup

	mu   sync.Mutex
	done int
	todo int
	said bytes.Buffer
}

func (w *watcher) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if module, ok := strings.CutPrefix(line, "go: downloading "); ok {
			w.tell(Progress{Name: module, Downloading: true})
		} else if isImportPath(line) {
			w.begin(line)
		} else {
			w.said.WriteString(line + "\n")
		}
	}
	_, _ = io.Copy(io.Discard, from) // a line beyond all bounds: go must not block on it
}

func (w *watcher) tell(p Progress) {
	if w.build.Progress != nil {
		w.build.Progress(p)
	}
}

func (w *watcher) begin(pkg string) {
	w.mu.Lock()
	w.done++
	if w.done == many && w.todo == 0 && w.build.Progress != nil {
		w.running.Go(w.recount)
	}
	if w.todo > 0 {
		w.todo = max(w.todo, w.done)
	}
	p := Progress{Done: w.done, Todo: w.todo, Name: pkg}
	w.mu.Unlock()
	w.tell(p)
}

// recount adds what is left to what was done when the counting ended: a package begun meanwhile may be in both.
func (w *watcher) recount() {
	left := w.count()
	w.mu.Lock()
	defer w.mu.Unlock()
	if left > 0 {
		w.todo = w.done + left
	}
}

// isImportPath says whether a line is nothing but an import path: no spaces, no "file.go:1:2:", no "#".
func isImportPath(line string) bool {
	if line == "" || strings.ContainsAny(line, " \t:#()\"") {
		return false
	}
	return !strings.HasSuffix(line, ".go")
}
