package changeset

import (
	"os"
	"testing"
)

// TestMain has the tests make their thousands of small files in memory where the system has a place for that.
func TestMain(m *testing.M) {
	const memory = "/dev/shm"
	if dir, err := os.MkdirTemp(memory, "changeset-"); err == nil {
		defer os.RemoveAll(dir)
		_ = os.Setenv("TMPDIR", dir)
	}
	m.Run()
}
