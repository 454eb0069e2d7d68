package codegen

import (
	"os"
	"testing"
)

// TestMain makes the test binary its own child: Run executes it again with Command.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		os.Exit(Child(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}
