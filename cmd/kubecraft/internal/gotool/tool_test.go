package gotool

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const goMod = "module example.com/m\n\ngo 1.26.0\n"

func TestBuildIsShielded(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "m")
	write(t, dir, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() {}\n"})
	write(t, top, map[string]string{"go.work": "go 1.26.0\n\nuse ./other\n", "other/go.mod": "module example.com/other\n\ngo 1.26.0\n"})
	t.Setenv("GOFLAGS", "-mod=vendor -buildvcs=false")
	t.Setenv("GOWORK", "")
	t.Setenv("GOOS", "plan9")
	t.Setenv("GOARCH", "386")
	tool, err := Find(context.Background(), dir, "1.26.0")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tool.Env(), "GOFLAGS=-ldflags=-w -buildvcs=false -mod=readonly") || !slices.Contains(tool.Env(), "GOWORK=off") {
		t.Errorf("the environment ends in %v", tool.Env()[len(tool.Env())-2:])
	}
	if err := tool.Build(context.Background(), Build{Dir: dir, Package: ".", Output: "bin/m"}); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(filepath.Join(dir, "bin", "m")).CombinedOutput(); err != nil {
		t.Errorf("what was built does not run here: %v: %s", err, out)
	}

	// A workspace that takes the project in is meant, and so is a vendor folder.
	write(t, top, map[string]string{"go.work": "go 1.26.0\n\nuse ./m\n"})
	if tool, err = Find(context.Background(), dir, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tool.Env(), "GOWORK="+filepath.Join(top, "go.work")) {
		t.Errorf("the workspace was dropped: %v", tool.Env()[len(tool.Env())-2:])
	}
	if err := os.Remove(filepath.Join(top, "go.work")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"vendor/modules.txt": ""})
	if tool, err = Find(context.Background(), dir, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tool.Env(), "GOFLAGS=-ldflags=-w -buildvcs=false -mod=vendor") {
		t.Errorf("the vendor folder was passed over: %v", tool.Env()[len(tool.Env())-2:])
	}
}

func TestBuildTellsProgress(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"go.mod": goMod}
	main := "package main\n\nimport (\n"
	const packages = 20
	for i := range packages {
		name := "p" + strings.Repeat("x", i)
		// The folder's name is in the text, and with it this build is in no cache.
		files[name+"/p.go"] = "// Package " + name + " is of " + dir + ".\npackage " + name + "\n"
		main += "\t_ \"example.com/m/" + name + "\"\n"
	}
	files["main.go"] = main + ")\n\nfunc main() {}\n"
	write(t, dir, files)
	tool, err := Find(context.Background(), dir, "1.26.0")
	if err != nil {
		t.Fatal(err)
	}
	b := Build{Dir: dir, Package: "."}
	if n := tool.Stale(context.Background(), b); n != packages+1 {
		t.Errorf("%d packages are to be compiled, want %d", n, packages+1)
	}
	var last Progress
	b.Progress = func(p Progress) {
		if p.Done != last.Done+1 || p.Todo != 0 && p.Todo < p.Done {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}
	if err := tool.Build(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	if last.Done != packages+1 {
		t.Errorf("the last word was %+v", last)
	}
	// Go keeps packages, not commands.
	if n := tool.Stale(context.Background(), b); n > 1 {
		t.Errorf("%d packages are to be compiled again", n)
	}
}

func TestBuildSaysWhatGoSays(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() { nothing() }\n"})
	tool, err := Find(context.Background(), dir, "1.26.0")
	if err != nil {
		t.Fatal(err)
	}
	err = tool.Build(context.Background(), Build{Dir: dir, Package: "."})
	var broken *BuildError
	if !errors.As(err, &broken) {
		t.Fatalf("got %v", err)
	}
	want := "# example.com/m\n./main.go:3:15: undefined: nothing"
	if broken.Output != want {
		t.Errorf("got %q, want %q", broken.Output, want)
	}
}

func TestBuildIsCancelled(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() {}\n"})
	tool, err := Find(context.Background(), dir, "1.26.0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := tool.Build(ctx, Build{Dir: dir, Package: "."}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestIsImportPath(t *testing.T) {
	for line, want := range map[string]bool{
		"k8s.io/apiserver/pkg/server": true, "unsafe": true, "example.com/demo": true,
		"": false, "# example.com/demo": false, "./main.go:3:15: undefined: x": false, "go: finding module": false,
		"main.go": false, "\thave (int)": false,
	} {
		if got := isImportPath(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}
