package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kubecraft/kubecraft"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/handover"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
)

// releases is where a kubecraft with the control plane compiled in is to be had.
const releases = "https://github.com/kubecraft/kubecraft/releases"

// ControlPlane is Kubernetes in this process, and its client. A build without it hands over to one that has it.
type ControlPlane interface {
	Serve(cluster string, args []string, ready func(stdout io.Writer)) int
	Kubectl(args []string) int
}

// startError says that a program does not even start.
type startError struct {
	program string
	err     error
}

func (e *startError) Error() string { return fmt.Sprintf("cannot run %s: %v", e.program, e.err) }
func (e *startError) Unwrap() error { return e.err }

// handOver goes on as a kubecraft that has the control plane, with this one's arguments. The first time it compiles it, and again if
// what there is does not start and is not what was compiled. To compile anew what has not been damaged would make the same.
func (a *app) handOver(ctx context.Context) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	cache := cacheFolder()
	if cache == "" {
		return errors.New("there is no folder to compile the control plane in: set HOME or XDG_CACHE_HOME, or get a kubecraft that has it compiled in from " + releases)
	}
	entry, err := handover.New(filepath.Join(cache, "whole"))
	if err != nil {
		return err
	}
	binary := entry.Binary()
	if binary == "" {
		if binary, err = a.compileWhole(ctx, cache, entry); err != nil {
			return err
		}
	}
	err = a.become(ctx, dir, binary, a.args)
	var start *startError
	if !errors.As(err, &start) {
		return err
	}
	if entry.Intact() {
		return fmt.Errorf("%w; set XDG_CACHE_HOME to a folder from which programs may run", err)
	}
	a.progress.Line("%s is damaged", binary)
	if err := discard(ctx, entry); err != nil {
		return err
	}
	if binary, err = a.compileWhole(ctx, cache, entry); err != nil {
		return err
	}
	return a.become(ctx, dir, binary, a.args)
}

// discard removes what is damaged, unless somebody else has made it anew.
func discard(ctx context.Context, entry *handover.Entry) error {
	unlock, err := entry.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if entry.Intact() {
		return nil
	}
	return entry.Discard()
}

// compileWhole makes the entry's binary, a kubecraft that is this one with the control plane compiled in, and returns its path.
func (a *app) compileWhole(ctx context.Context, cache string, entry *handover.Entry) (string, error) {
	goMod, err := kubecraft.Sources.ReadFile("go.mod")
	if err != nil {
		return "", err
	}
	tool, err := a.goFor(ctx, cache, goMod)
	if err != nil {
		return "", fmt.Errorf("the control plane is not compiled into this kubecraft, and cannot be compiled: %w; or get a kubecraft that has it compiled in from %s", err, releases)
	}
	a.progress.Draw("waiting for another kubecraft that compiles the control plane ...")
	unlock, err := entry.Lock(ctx)
	a.progress.Erase()
	if err != nil {
		return "", err
	}
	defer unlock()
	if binary := entry.Binary(); binary != "" {
		return binary, nil // the other has made it meanwhile
	}
	build, err := entry.Prepare()
	if err != nil {
		return "", err
	}
	a.progress.Draw("counting what has to be compiled ...")
	build.Todo = tool.Stale(ctx, build)
	a.progress.Erase()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	expect := "which can take minutes" // nobody knows of how much
	if build.Todo > 0 {
		expect = report.Count(build.Todo, "package") + ", " + estimate(build.Todo)
	}
	a.progress.Line("kubecraft compiles its control plane, all of Kubernetes, the first time it is needed: %s. Ctrl-C loses nothing that is compiled.", expect)
	a.progress.Line("A kubecraft that has it compiled in: %s", releases)
	began := time.Now()
	if _, err := a.compile(ctx, a.progress, tool, build, "compiling the control plane"); ctx.Err() != nil {
		return "", ctx.Err()
	} else if err != nil {
		return "", errors.New("the control plane cannot be compiled, for the reason above; once that is gone, the same command goes on where it stopped")
	}
	binary, err := entry.Keep()
	if err == nil {
		a.progress.Line("compiled the control plane in %s", report.Duration(time.Since(began)))
	}
	return binary, err
}
