package codegen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"
	"k8s.io/gengo/v2"
)

// goCommand runs the go command in the project as if the overlay were on the disk.
type goCommand struct {
	src    *source
	module *modfile.File
	dir    string   // where it runs
	env    []string // without the user's GOFLAGS that would change what is loaded
	file   string   // the overlay as the go command reads it
}

// newGoCommand prepares the overlay in temp and the environment. hidden are files (slash paths relative to the project)
// that the go command must not see.
func newGoCommand(src *source, env, hidden []string, module *modfile.File, temp string) (*goCommand, error) {
	g := &goCommand{src: src, module: module, dir: src.dir, file: filepath.Join(temp, "overlay.json")}
	replace := map[string]string{}
	for rel, content := range src.overlay {
		if content == nil {
			replace[src.abs(rel)] = ""
			continue
		}
		name := filepath.Join(temp, fmt.Sprintf("overlay%d%s", len(replace), path.Ext(rel)))
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, err
		}
		replace[src.abs(rel)] = name
	}
	for _, rel := range hidden {
		replace[src.abs(rel)] = ""
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(g.file, text, 0o600); err != nil {
		return nil, err
	}

	work := "off"
	if !src.exists {
		// The go command must start in a folder that exists; a workspace lets it load a module which is elsewhere.
		g.dir, work = temp, filepath.Join(temp, "go.work")
		version := "1.26"
		if module.Go != nil {
			version = module.Go.Version
		}
		text := fmt.Sprintf("go %s\n\nuse %s\n", version, modfile.AutoQuote(filepath.ToSlash(src.dir)))
		if err := os.WriteFile(work, []byte(text), 0o600); err != nil {
			return nil, err
		}
	} else if workspaceUses(src.dir, lookup(env, "GOWORK")) {
		work = lookup(env, "GOWORK")
	}
	g.env = withEnv(env, "GOWORK="+work, "GOFLAGS="+keptFlags(lookup(env, "GOFLAGS")), "PWD="+g.dir)
	return g, nil
}

// lookup returns the last value of a variable in env.
func lookup(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// withEnv returns env with variables replaced.
func withEnv(env []string, set ...string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(set, func(s string) bool { return strings.HasPrefix(s, name+"=") })
	})
	return append(env, set...)
}

// keptFlags drops from GOFLAGS all but what decides where modules come from: -mod=vendor, -tags and the like are for
// the user's builds, and a vendor folder lacks packages that generators need.
func keptFlags(flags string) string {
	var kept []string
	for _, f := range strings.Fields(flags) {
		if strings.HasPrefix(strings.TrimLeft(f, "-"), "modfile=") || strings.TrimLeft(f, "-") == "modcacherw" {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, " ")
}

// workspaceUses reports whether the go.work that the go command would find lists the module in dir. One that does not
// makes every command in dir fail.
func workspaceUses(dir, gowork string) bool {
	if gowork == "off" {
		return false
	}
	for at := dir; gowork == ""; at = filepath.Dir(at) {
		if name := filepath.Join(at, "go.work"); fileExists(name) {
			gowork = name
		} else if at == filepath.Dir(at) {
			return false
		}
	}
	text, err := os.ReadFile(gowork)
	if err != nil {
		return false
	}
	work, err := modfile.ParseWork(gowork, text, nil)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(work.Use, func(u *modfile.Use) bool {
		used := filepath.FromSlash(u.Path)
		if !filepath.IsAbs(used) {
			used = filepath.Join(filepath.Dir(gowork), used)
		}
		real, err := filepath.EvalSymlinks(used)
		return err == nil && real == dir
	})
}

func fileExists(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// listed is a package as "go list -json" describes it.
type listed struct {
	Name, ImportPath, Dir string
	GoFiles, CgoFiles     []string
	Imports               []string
	ImportMap             map[string]string
	Module                *packages.Module
	DepOnly, Standard     bool
	Error                 *struct {
		ImportStack []string
		Pos, Err    string
	}
}

// list describes the packages named and everything they import, generated files left out.
func (g *goCommand) list(ctx context.Context, pkgs []string) (map[string]*listed, error) {
	args := []string{"list", "-e", "-deps", "-mod=readonly", "-overlay=" + g.file, "-tags=" + gengo.StdBuildTag,
		"-json=Name,ImportPath,Dir,GoFiles,CgoFiles,Imports,ImportMap,Module,DepOnly,Standard,Error", "--"}
	out, err := g.run(ctx, append(args, pkgs...)...)
	if err != nil {
		return nil, err
	}
	found := map[string]*listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := dec.Decode(p); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the output of go list: %w", err)
		}
		found[p.ImportPath] = p
	}
}

// run returns the standard output of a go command.
func (g *goCommand) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, g.explain(ctx, err, errs.String())
	}
	return out.Bytes(), nil
}

var tooOld = regexp.MustCompile(`(?:requires|running) go ?>= ?([0-9][^\s;)]*) \((?:running go ?([0-9][^\s;)]*))?`)

// explain turns the failure of a go command into one line.
func (g *goCommand) explain(ctx context.Context, err error, stderr string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return fail("no go command on PATH: install Go from https://go.dev/dl and try again")
	}
	if m := tooOld.FindStringSubmatch(stderr); m != nil {
		return fail("Go %s on PATH is too old: the project needs Go %s or newer (https://go.dev/dl)", m[2], m[1])
	}
	lines := []string{}
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		lines = []string{"go command failed: " + err.Error()}
	}
	d := splitPosition(g.src, strings.TrimPrefix(lines[0], "go: "))
	return &Error{Diagnostics: []Diagnostic{d}, Detail: stderr}
}

var positioned = regexp.MustCompile(`^((?:[A-Za-z]:)?[^:\n]+\.(?:go|mod|sum|work)):(?:(\d+):)?(?:(\d+):)? (?s:(.*))$`)

// splitPosition parses "file:line:column: message".
func splitPosition(src *source, line string) Diagnostic {
	m := positioned.FindStringSubmatch(line)
	if m == nil {
		return Diagnostic{Message: line}
	}
	d := Diagnostic{File: filepath.ToSlash(m[1]), Message: strings.TrimSpace(m[4])}
	if filepath.IsAbs(m[1]) {
		d.File = src.rel(m[1])
	} else {
		d.File = path.Clean(d.File)
	}
	fmt.Sscan(m[2], &d.Line)
	fmt.Sscan(m[3], &d.Column)
	return d
}

// fail makes an Error of one diagnostic without position.
func fail(format string, args ...any) *Error {
	return &Error{Diagnostics: []Diagnostic{{Message: fmt.Sprintf(format, args...)}}}
}
