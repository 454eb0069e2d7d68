//go:build !unix

package codegen

import "os/exec"

// killTogether does nothing where there are no process groups: cancelling kills the child, and the go commands that it
// started end by themselves.
func killTogether(*exec.Cmd) {}
