//go:build !unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// become runs the server with this process's streams and hands on its exit code. Ctrl-C reaches every process of a
// console, so that waiting is all there is to do.
func (a *app) become(ctx context.Context, dir, binary string, args []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.In, a.Out, os.Stderr
	if err := cmd.Start(); err != nil {
		return &startError{binary, err}
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &toldError{exit.ExitCode()}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", binary, err)
	}
	return nil
}
