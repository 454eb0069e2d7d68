package codegen

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubecraft/kubecraft/hack/kubecodegen"
)

// moduleDir returns the folder of a module in the module cache.
func moduleDir(t testing.TB, module string) string {
	t.Helper()
	dir, err := kubecodegen.ModuleDir(module)
	if err != nil {
		t.Fatalf("%s: %v", module, err)
	}
	return dir
}

// demo returns the files of testdata/demo.txtar as the module example.com/demo. Its requirements are sample-apiserver's.
func demo(t testing.TB) map[string][]byte {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/demo.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	sample := moduleDir(t, "k8s.io/sample-apiserver")
	for _, name := range []string{"go.mod", "go.sum"} {
		if files[name], err = os.ReadFile(filepath.Join(sample, name)); err != nil {
			t.Fatal(err)
		}
	}
	files["go.mod"] = bytes.Replace(files["go.mod"], []byte("module k8s.io/sample-apiserver"), []byte("module example.com/demo"), 1)
	return files
}

// replace returns the files with text replaced in one of them; it must be there.
func replace(t testing.TB, files map[string][]byte, name, old, new string) {
	t.Helper()
	if !bytes.Contains(files[name], []byte(old)) {
		t.Fatalf("%s does not contain %q", name, old)
	}
	files[name] = bytes.Replace(files[name], []byte(old), []byte(new), 1)
}

// write puts files on the disk.
func write(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// run generates and fails the test on an error.
func run(t testing.TB, o Options) *Result {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatalf("Run: %v%s", err, detail(err))
	}
	return r
}

func detail(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Detail != "" {
		return "\n" + e.Detail
	}
	return ""
}

// same fails the test unless both results have the same files.
func same(t testing.TB, got, want map[string][]byte) {
	t.Helper()
	for name := range want {
		if got[name] == nil {
			t.Errorf("%s was not generated", name)
		}
	}
	for name, content := range got {
		if want[name] == nil {
			t.Errorf("%s should not have been generated", name)
		} else if !bytes.Equal(content, want[name]) {
			t.Errorf("%s differs:\n%s", name, firstDifference(string(content), string(want[name])))
		}
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got:  " + a[i] + "\nwant: " + b[i]
		}
	}
	return "one is longer"
}
