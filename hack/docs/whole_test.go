//go:build whole

package docs

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestReadmeOfTheWhole types what README.md shows of a kubecraft with the control plane compiled in, by one.
func TestReadmeOfTheWhole(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-tags", "whole", "-ldflags=-w", "-o", filepath.Join(bin, "kubecraft"), "./cmd/kubecraft")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	helm := exec.Command("go", "build", "-o", filepath.Join(bin, "helm"), "helm.sh/helm/v3/cmd/helm")
	helm.Dir = filepath.Join(root, "hack", "helm")
	if out, err := helm.CombinedOutput(); err != nil {
		t.Fatalf("building helm: %v\n%s", err, out)
	}
	commands := slices.DeleteFunc(read(t, "README.md"), func(c Command) bool { return c.Section != wholeSection })
	if len(commands) < 3 {
		t.Fatalf("%d commands: has the section %q another name?", len(commands), wholeSection)
	}
	try(t, bin, commands)
}
