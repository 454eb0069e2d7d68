//go:build unix

package kubelet

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"syscall"
)

// runAs has a command run as another user or group, which takes the rights to do so.
func runAs(cmd *exec.Cmd, user, group *int64) error {
	as := &syscall.Credential{Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())}
	for _, id := range []struct {
		given *int64
		to    *uint32
	}{{user, &as.Uid}, {group, &as.Gid}} {
		if id.given == nil {
			continue
		}
		if *id.given < 0 || *id.given > math.MaxUint32 {
			return fmt.Errorf("%d is not the ID of a user or group", *id.given)
		}
		*id.to = uint32(*id.given)
	}
	if user != nil || group != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	return nil
}
