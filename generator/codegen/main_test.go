package codegen

import (
	"io"
	"net"
	"os"
	"testing"
)

// What the test binary does when it is its own child.
const (
	hang  = "__hang"  // connects to an address, then never answers
	crash = "__crash" // panics
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case Command:
			os.Exit(Child(os.Stdin, os.Stdout))
		case hang:
			conn, err := net.Dial("tcp", os.Args[2])
			if err != nil {
				panic(err)
			}
			_, _ = io.Copy(io.Discard, conn) // until it is killed
		case crash:
			panic("told to")
		}
	}
	os.Exit(m.Run())
}
