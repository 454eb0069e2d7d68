package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The project with everything is a module of its own, which ./... passes over. hack/verify-vet.sh vets it.
func TestTheExampleCompiles(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "./...")
	cmd.Dir = filepath.Join("..", "..", "examples", "kubernetes")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go test: %v\n%s", err, out)
	}
}
