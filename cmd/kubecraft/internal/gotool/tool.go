package gotool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// Tool is a go command and the environment to run it in.
type Tool struct {
	path    string
	env     []string
	Version string // "go1.26.8"
}

const getGo = "get it from https://go.dev/dl/"

// Find looks for go on PATH and checks that it is at least as new as need ("1.26.0", from a go.mod; "" for any). The dir
// is the project's, which need not exist. The error is one line for the user.
func Find(ctx context.Context, dir, need string) (*Tool, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("no go command on PATH, and a project needs one to be built: " + getGo)
	}
	t := &Tool{path: path, env: os.Environ()}
	where := dir
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		where = os.TempDir()
	}
	// Every setting may also come from `go env -w`, so that only go itself knows it.
	out, err := t.output(ctx, where, "env", "-json", "GOVERSION", "GOFLAGS", "GOWORK")
	if err != nil {
		return nil, fmt.Errorf("%s does not work: %w", path, err)
	}
	var have struct{ GOVERSION, GOFLAGS, GOWORK string }
	if err := json.Unmarshal(out, &have); err != nil {
		return nil, fmt.Errorf("%s does not work: `go env -json` answers %w", path, err)
	}
	// A development version such as "devel go1.27-abc" has no order; it is taken as it is.
	if need != "" && version.IsValid(have.GOVERSION) && version.Compare(have.GOVERSION, "go"+need) < 0 {
		return nil, fmt.Errorf("%s is version %s, and the project's go.mod asks for %s or newer: %s", path, strings.TrimPrefix(have.GOVERSION, "go"), need, getGo)
	}
	t.Version = have.GOVERSION
	work, mod := "off", vendored(dir)
	if uses(have.GOWORK, dir) {
		work, mod = have.GOWORK, "readonly"
	}
	t.env = shield(t.env, have.GOFLAGS, work, mod)
	return t, nil
}

// Env is the environment for everything that runs go for the project.
func (t *Tool) Env() []string {
	return t.env
}

// shield drops what is the business of other modules of the user's: a workspace above that does not take in the project,
// a -mod that it cannot be built with, and a system to compile for that is not this one, where what is built is to run. Unless the user's flags say otherwise, binaries are linked without what
// debuggers need, which takes a third less time; stack traces stay.
func shield(env []string, goflags, work, mod string) []string {
	flags := []string{"-ldflags=-w"}
	for flag := range strings.FieldsSeq(goflags) {
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if name != "mod" && name != "modfile" {
			flags = append(flags, flag)
		}
	}
	flags = append(flags, "-mod="+mod)
	return append(env[:len(env):len(env)], "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH, "GOWORK="+work, "GOFLAGS="+strings.Join(flags, " "))
}

// uses says whether a workspace, given by its file, takes in the module in dir.
func uses(workFile, dir string) bool {
	if workFile == "" || workFile == "off" {
		return false
	}
	text, err := os.ReadFile(workFile)
	if err != nil {
		return false
	}
	work, err := modfile.ParseWork(workFile, text, nil)
	if err != nil {
		return false
	}
	project, err := os.Stat(dir)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(work.Use, func(use *modfile.Use) bool {
		used := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(used) {
			used = filepath.Join(filepath.Dir(workFile), used)
		}
		info, err := os.Stat(used)
		return err == nil && os.SameFile(info, project)
	})
}

// vendored returns the -mod to build with: a vendor folder of the project's own is meant to be used.
func vendored(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt")); err == nil {
		return "vendor"
	}
	return "readonly"
}

// command is a go command that ends with ctx, as Ctrl-C ends it where that exists, so that it removes its own files.
func (t *Tool) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir = dir
	cmd.Env = t.env
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

func (t *Tool) output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := t.command(ctx, dir, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n"); line != "" {
			return nil, errors.New(line)
		}
		return nil, err
	}
	return out.Bytes(), nil
}
