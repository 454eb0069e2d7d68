package codegen

import (
	"context"
	"errors"
	"io"
)

// Run generates everything the project's types ask for, in a child process. It writes nothing. Errors are an *Error
// (the project's fault, with positions), ctx.Err() when cancelled (the child is killed), or say why no child could run.
func Run(ctx context.Context, o Options) (*Result, error) {
	return nil, errors.New("not yet")
}

// Child reads Run's request from stdin, generates, and writes the response to stdout. It returns the exit code. It must
// have the process to itself: it changes os.Args, the working directory and klog's settings.
func Child(stdin io.Reader, stdout io.Writer) int {
	return 1
}
