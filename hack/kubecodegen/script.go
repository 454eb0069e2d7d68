package kubecodegen

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// Script is upstream's kube_codegen.sh over a project, with the options that give kubecraft's output.
type Script struct {
	dir, text string
	env       []string
}

// New prepares the script for the project in dir, which it will write to. The generators are installed in bin.
func New(dir, bin string) (*Script, error) {
	codeGenerator, err := ModuleDir("k8s.io/code-generator")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	pkg := modfile.ModulePath(text) + "/pkg/generated"
	return &Script{
		dir: dir,
		env: append(os.Environ(), "CODEGEN="+codeGenerator, "PKG="+pkg, "GOBIN="+bin, "GOFLAGS=-ldflags=-w", "GOWORK=off"),
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

// Run runs it and returns the time that it took.
func (s *Script) Run() (time.Duration, error) {
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

// ModuleDir is the folder of a module that kubecraft requires.
func ModuleDir(module string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	return strings.TrimSpace(string(out)), err
}

// Copy copies a project, writable, with the relative replacements of its go.mod made absolute.
func Copy(from, to string) error {
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

// Same counts the files that the script left in the project as kubecraft makes them, and names one of the others.
func Same(project string, files map[string][]byte) (same int, other string, err error) {
	for name, content := range files {
		theirs, err := os.ReadFile(filepath.Join(project, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			return 0, "", err
		}
		if err == nil && bytes.Equal(theirs, content) {
			same++
		} else {
			other = name
		}
	}
	return same, other, nil
}
