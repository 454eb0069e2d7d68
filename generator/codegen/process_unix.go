//go:build unix

package codegen

import (
	"os/exec"
	"syscall"
)

// killTogether makes cancelling kill the go commands that the child started, too.
func killTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
