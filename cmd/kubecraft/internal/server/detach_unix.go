//go:build unix

package server

import (
	"os/exec"
	"syscall"
)

// detach keeps a terminal's Ctrl-C away from the server: the parent decides when to stop it.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
