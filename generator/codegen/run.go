package codegen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// request is what Run sends to Child.
type request struct {
	Options Options
	// Temp is a folder that the parent removes, so that a killed child leaves nothing behind.
	Temp string
}

// response is what Child answers: one of the three.
type response struct {
	Result *Result `json:",omitempty"`
	Error  *Error  `json:",omitempty"`
	// Failure is an error that is not the project's fault.
	Failure string `json:",omitempty"`
}

// Run generates everything the project's types ask for, in a child process. It writes nothing. Errors are an *Error
// (the project's fault, with positions), ctx.Err() when cancelled (the child is killed), or say why no child could run.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	if o.Program == "" {
		if o.Program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("cannot find this program to run it again: %w", err)
		}
	}
	if o.Args == nil {
		o.Args = []string{Command}
	}
	if o.Env == nil {
		o.Env = os.Environ()
	}
	temp, err := os.MkdirTemp("", "kubecraft-codegen-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	if temp, err = filepath.EvalSymlinks(temp); err != nil {
		return nil, err
	}
	return runChild(ctx, request{Options: o, Temp: temp})
}

func runChild(ctx context.Context, r request) (*Result, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, r.Options.Program, r.Options.Args...)
	cmd.Env = r.Options.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errs
	cmd.WaitDelay = time.Second // a grandchild that outlives the child must not keep the pipes, and us, waiting
	killTogether(cmd)
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var answer response
	if decodeErr := json.Unmarshal(out.Bytes(), &answer); decodeErr != nil {
		return nil, crashed(err, errs.String())
	}
	switch {
	case answer.Error != nil:
		return nil, answer.Error
	case answer.Failure != "":
		return nil, errors.New(answer.Failure)
	case answer.Result == nil:
		return nil, crashed(err, errs.String())
	}
	return answer.Result, nil
}

// crashed says in one line that the child ended without an answer.
func crashed(err error, stderr string) error {
	line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	if err == nil {
		err = errors.New("no answer")
	}
	if line == "" {
		return fmt.Errorf("code generation did not run: %w", err)
	}
	return &Error{
		Diagnostics: []Diagnostic{{Message: fmt.Sprintf("code generation crashed: %s (%v)", line, err)}},
		Detail:      stderr,
	}
}
