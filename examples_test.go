package kubecraft_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	// What the examples are built from, so that go has compiled it when these tests begin. On a machine that never has,
	// they would compile it beside go, twice, and run out of time.
	_ "github.com/kubecraft/kubecraft/runtime/controlplane"
)

// examples are modules of their own, which ./... passes over.
var examples = []string{"minimal", "wardle"}

func TestExamples(t *testing.T) {
	entries, err := os.ReadDir("examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		// Of kubernetes the tests of runtime/kubernetes take care, which wait for the whole of Kubernetes to be compiled.
		if e.IsDir() && e.Name() != "kubernetes" && !slices.Contains(examples, e.Name()) {
			t.Errorf("examples/%s is not listed here, so nothing tests it", e.Name())
		}
	}
	for _, name := range examples {
		t.Run(name, func(t *testing.T) {
			// hack/verify-vet.sh vets it: before vet looks at a package it goes through all that the package imports, which
			// here is a good part of the time.
			cmd := exec.Command("go", "test", "-vet=off", "./...")
			cmd.Dir = filepath.Join("examples", name)
			cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("go test: %v\n%s", err, out)
			}
		})
	}
}
