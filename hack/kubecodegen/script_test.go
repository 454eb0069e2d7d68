package kubecodegen

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kubecraft/kubecraft/generator/codegen"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == codegen.Command {
		os.Exit(codegen.Child(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// What the verbs generate is what upstream's script generates from the same types, but for what upstream has no generator
// for, or does not run.
func TestExamplesAreWhatTheScriptMakes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Log("no bash: upstream's script cannot run")
		return
	}
	examples, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "go.mod"))
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	bin := t.TempDir()
	for _, mod := range examples {
		example := filepath.Dir(mod)
		t.Run(filepath.Base(example), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "project")
			if err := Copy(example, dir); err != nil {
				t.Fatal(err)
			}
			made, err := codegen.Run(t.Context(), codegen.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			for name := range made.Files {
				if filepath.Base(name) == "zz_generated.printcolumns.go" {
					delete(made.Files, name)
				} else if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
					t.Fatal(err)
				}
			}
			if len(made.Files) < 20 {
				t.Fatalf("only %d files", len(made.Files))
			}
			script, err := New(dir, bin)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := script.Run(); err != nil {
				t.Fatal(err)
			}
			same, other, err := Same(dir, made.Files)
			if err != nil {
				t.Fatal(err)
			}
			if same != len(made.Files) {
				t.Errorf("%d of %d files are the same; %s is not", same, len(made.Files), other)
			}
		})
	}
}
