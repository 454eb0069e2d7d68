//go:build readme

package docs

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestReadme types README.md from its first command to its last, in one shell, and compares what is printed with what
// the page shows. What varies from run to run is a number there, so numbers and spacing do not count.
func TestReadme(t *testing.T) {
	bin := t.TempDir()
	build(t, bin)
	try(t, bin, slices.DeleteFunc(read(t, "README.md"), func(c Command) bool { return c.Section == wholeSection }))
}

// build puts kubectl into bin where the machine has none. kubecraft itself is installed by the page's own command.
func build(t *testing.T, bin string) {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err == nil {
		return
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(bin, "kubectl"), ".")
	cmd.Dir = filepath.Join(root, "hack", "kubectl")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building kubectl: %v\n%s", err, out)
	}
}
