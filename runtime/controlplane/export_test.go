package controlplane

import (
	"context"
	"io"
)

// Run is Main with what a process has passed in.
func Run(ctx context.Context, name string, args []string, stdout, stderr io.Writer, parts ...Part) int {
	return run(ctx, name, args, stdout, stderr, parts)
}
