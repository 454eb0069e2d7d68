//go:build !unix

package server

import "os/exec"

// detach does nothing: on Windows Ctrl-C ends every process of the console, which is what stopping would do too.
func detach(*exec.Cmd) {}
