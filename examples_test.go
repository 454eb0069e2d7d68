package kubecraft_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
		// Of these the tests of runtime/kubernetes and hack/verify-whole.sh take care: the whole of Kubernetes is compiled by then.
		whole := slices.Contains([]string{"kubernetes", "cluster", "lessons", "testenv"}, e.Name())
		if e.IsDir() && !whole && !slices.Contains(examples, e.Name()) {
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

// Go compiles generic code in every package that reaches it through the types that it names: by way of upstream's
// configuration of a server that is code for each informer of client-go, two seconds at every edit. See controlplane.Server.
func TestProjectsCompileNoInformersOfClientGo(t *testing.T) {
	list := exec.Command("go", "list", "-export", "-f", "{{.Export}}", ".", "./pkg/apiserver")
	list.Dir = filepath.Join("examples", "minimal")
	list.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	compiled := strings.Fields(string(out))
	if len(compiled) != 2 {
		t.Fatalf("go list wrote %q", out)
	}
	for _, file := range compiled {
		object, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(object, []byte("client-go/tools/cache.(*DeletedObject[")) {
			t.Errorf("%s has them: %d KiB", file, len(object)>>10)
		}
	}
}
