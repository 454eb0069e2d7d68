//go:build unix

package cli

import (
	"context"
	"os"
	"syscall"
)

// become replaces this process by the server, so that signals, exit code and terminal are its own.
func (a *app) become(ctx context.Context, dir, binary string, args []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	err := syscall.Exec(binary, append([]string{binary}, args...), os.Environ())
	return &startError{binary, err}
}
