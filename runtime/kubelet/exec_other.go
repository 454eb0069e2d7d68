//go:build !unix

package kubelet

import (
	"errors"
	"os/exec"
)

// runAs has a command run as another user or group, which cannot be done here.
func runAs(_ *exec.Cmd, user, group *int64) error {
	if user != nil || group != nil {
		return errors.New("securityContext: commands cannot be run as another user on this system")
	}
	return nil
}
