//go:build unix

package kubelet

import (
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"

	"github.com/creack/pty"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// runAs has a command run as another user or group, which takes the rights to do so. A user's own group is the one if none is given.
func runAs(cmd *exec.Cmd, uid, gid *int64) error {
	if uid == nil && gid == nil {
		return nil
	}
	as := &syscall.Credential{Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())}
	if uid != nil {
		id, err := posixID(*uid)
		if err != nil {
			return err
		}
		as.Uid, as.Gid = id, id
		if known, err := user.LookupId(strconv.FormatInt(*uid, 10)); err == nil {
			if group, err := strconv.ParseUint(known.Gid, 10, 32); err == nil {
				as.Gid = uint32(group)
			}
		}
	}
	if gid != nil {
		id, err := posixID(*gid)
		if err != nil {
			return err
		}
		as.Gid = id
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	return nil
}

func posixID(id int64) (uint32, error) {
	if id < 0 || id > math.MaxUint32 {
		return 0, fmt.Errorf("%d is not the ID of a user or group", id)
	}
	return uint32(id), nil
}

// runInTerminal runs a command in a terminal of the size that the client's has.
func runInTerminal(cmd *exec.Cmd, in io.Reader, out io.Writer, resize <-chan remotecommand.TerminalSize) error {
	terminal, err := pty.Start(cmd)
	if err != nil {
		return err
	}
	defer terminal.Close()
	go func() {
		for size := range resize {
			_ = pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width})
		}
	}()
	if in != nil {
		go func() { _, _ = io.Copy(terminal, in) }()
	}
	if out == nil {
		out = io.Discard
	}
	_, _ = io.Copy(out, terminal) // fails when the last process in it has ended
	return cmd.Wait()
}
