// Command bench-codegen compares kubecraft's code generation with upstream's kube_codegen.sh: the same output for the
// same project, both warm, in one run. It prints the median wall time of each and their ratio.
//
//	go run ./hack/bench-codegen                        # on k8s.io/sample-apiserver
//	go run ./hack/bench-codegen -dir examples/wardle   # on a project, which is copied first
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/kubecraft/kubecraft/generator/codegen"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == codegen.Command {
		os.Exit(codegen.Child(os.Stdin, os.Stdout))
	}
	dir := flag.String("dir", "", "project to generate for; default: sample-apiserver from the module cache")
	runs := flag.Int("runs", 5, "runs of kubecraft (the script runs at most 3 times)")
	flag.Parse()
	if err := bench(*dir, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench-codegen:", err)
		os.Exit(1)
	}
}

func bench(dir string, runs int) error {
	if dir == "" {
		var err error
		if dir, err = moduleDir("k8s.io/sample-apiserver"); err != nil {
			return err
		}
	}
	temp, err := os.MkdirTemp("", "bench-codegen-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	project := filepath.Join(temp, "project")
	if err := copyProject(dir, project); err != nil {
		return err
	}
	script, err := newScript(project, filepath.Join(temp, "bin"))
	if err != nil {
		return err
	}

	if _, err := script.run(); err != nil { // compiles upstream's generators into the build cache
		return err
	}
	theirs, err := repeat(min(runs, 3), script.run)
	if err != nil {
		return err
	}
	var files map[string][]byte
	ours, err := repeat(runs, func() (time.Duration, error) {
		start := time.Now()
		r, err := codegen.Run(context.Background(), codegen.Options{Dir: project})
		if err == nil {
			files = r.Files
		}
		return time.Since(start), err
	})
	if err != nil {
		return err
	}
	same, err := countSame(project, files)
	if err != nil {
		return err
	}
	fmt.Printf("%d files generated, %d of them byte for byte what kube_codegen.sh wrote\n", len(files), same)
	fmt.Printf("kube_codegen.sh   %8.2f s   (median of %d, warm)\n", theirs.Seconds(), min(runs, 3))
	fmt.Printf("kubecraft         %8.2f s   (median of %d)\n", ours.Seconds(), runs)
	fmt.Printf("ratio             1/%.0f\n", theirs.Seconds()/ours.Seconds())
	return nil
}

// repeat returns the median of n times.
func repeat(n int, f func() (time.Duration, error)) (time.Duration, error) {
	times := make([]time.Duration, n)
	for i := range times {
		var err error
		if times[i], err = f(); err != nil {
			return 0, err
		}
	}
	slices.Sort(times)
	return times[n/2], nil
}

func moduleDir(module string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	return strings.TrimSpace(string(out)), err
}

// copyProject copies a project, writable, with the relative replacements of its go.mod made absolute.
func copyProject(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	err := filepath.WalkDir(to, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() {
			mode = 0o755
		}
		return os.Chmod(name, mode)
	})
	if err != nil {
		return err
	}
	name := filepath.Join(to, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	mod, err := modfile.Parse(name, text, nil)
	if err != nil {
		return err
	}
	origin, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	for _, r := range slices.Clone(mod.Replace) {
		if r.New.Version == "" && !filepath.IsAbs(r.New.Path) {
			if err := mod.AddReplace(r.Old.Path, r.Old.Version, filepath.Join(origin, r.New.Path), ""); err != nil {
				return err
			}
		}
	}
	if text, err = mod.Format(); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// script is upstream's kube_codegen.sh with the options that give kubecraft's output.
type script struct {
	dir, text string
	env       []string
}

func newScript(project, bin string) (*script, error) {
	codeGenerator, err := moduleDir("k8s.io/code-generator")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(project, "go.mod"))
	if err != nil {
		return nil, err
	}
	pkg := modfile.ModulePath(text) + "/pkg/generated"
	return &script{
		dir: project,
		env: append(os.Environ(), "CODEGEN="+codeGenerator, "PKG="+pkg, "GOBIN="+bin, "GOFLAGS=", "GOWORK=off"),
		text: `
set -e
source "$CODEGEN/kube_codegen.sh"
kube::codegen::gen_helpers --boilerplate hack/boilerplate.go.txt pkg/apis
kube::codegen::gen_openapi --output-dir pkg/generated/openapi --output-pkg "$PKG/openapi" \
	--output-model-name-file zz_generated.model_name.go --report-filename violations.list --update-report \
	--boilerplate hack/boilerplate.go.txt pkg/apis
kube::codegen::gen_client --with-watch --with-applyconfig --output-dir pkg/generated --output-pkg "$PKG" \
	--boilerplate hack/boilerplate.go.txt pkg/apis
`,
	}, nil
}

func (s *script) run() (time.Duration, error) {
	cmd := exec.Command("bash", "-c", s.text)
	cmd.Dir, cmd.Env = s.dir, s.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("kube_codegen.sh: %w\n%s", err, out.String())
	}
	return time.Since(start), nil
}

// countSame counts the files that the script left as kubecraft makes them.
func countSame(project string, files map[string][]byte) (int, error) {
	same := 0
	for name, content := range files {
		theirs, err := os.ReadFile(filepath.Join(project, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			return 0, err
		}
		if err == nil && bytes.Equal(theirs, content) {
			same++
		}
	}
	return same, nil
}
