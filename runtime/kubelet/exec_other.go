//go:build !unix

package kubelet

import (
	"errors"
	"io"
	"os/exec"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// runAs has a command run as another user or group, which cannot be done here.
func runAs(_ *exec.Cmd, uid, gid *int64) error {
	if uid != nil || gid != nil {
		return errors.New("securityContext: commands cannot be run as another user on this system")
	}
	return nil
}

// runInTerminal would run a command in a terminal.
func runInTerminal(*exec.Cmd, io.Reader, io.Writer, <-chan remotecommand.TerminalSize) error {
	return errors.New("commands cannot be given a terminal on this system: leave out --tty")
}
