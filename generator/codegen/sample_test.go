package codegen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// moduleDir returns the folder of a module in the module cache.
func moduleDir(t testing.TB, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

// copySample copies sample-apiserver out of the module cache, writable.
func copySample(t testing.TB, to string) {
	t.Helper()
	from := moduleDir(t, "k8s.io/sample-apiserver")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(name, 0o755)
		}
		return os.Chmod(name, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSampleCommitted(t *testing.T) {
	dir := t.TempDir()
	copySample(t, dir)
	r, err := Run(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range r.Files {
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || string(old) != string(content) {
			t.Errorf("%s: %v differs", name, err)
		}
	}
	t.Log(len(r.Files), r.Remove, r.Warnings)
}
