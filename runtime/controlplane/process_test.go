package controlplane_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// childProcess is the environment variable that makes the test's program a control plane: with it, child is its main.
const childProcess = "CONTROLPLANE_TEST_CHILD"

// child runs a control plane with one component, as a process of its own.
func child(what string) int {
	return controlplane.Main("toys", os.Args[1:], &component{what, func(ctx context.Context) error {
		switch what {
		case "stubborn":
			os.Stderr.WriteString("running\n")
			<-ctx.Done()
			os.Stderr.WriteString("told to end\n")
			select {}
		case "chatty":
			klog.Info("counting")
			klog.Warning("running low")
			klog.ErrorS(os.ErrClosed, "reading", "file", "x")
			klog.V(1).Info("details")
			log := klog.Background().WithName("robots").WithValues("a", "b")
			log.V(1).Info("details")
			log.Error(os.ErrClosed, "writing", "c", 1)
			rest.WarningLogger{}.HandleWarningHeaderWithContext(klog.NewContext(ctx, log), 299, "", "what upstream logs")
			utilruntime.HandleErrorWithContext(klog.NewContext(ctx, log), os.ErrClosed, "reconciling")
			klog.Fatal("cannot go on")
		}
		return nil
	}})
}

func startChild(t *testing.T, what string) (*exec.Cmd, *output) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "--data", filepath.Join(dir, "data"), "--pki", filepath.Join(dir, "pki"))
	cmd.Env = append(os.Environ(), childProcess+"="+what)
	stderr := newOutput()
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, stderr
}

// ended waits for a process, but not for ever.
func ended(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	if !kill.Stop() {
		t.Fatal("the process did not end")
	}
}

func TestTheSecondInterruptEndsTheProcess(t *testing.T) {
	cmd, stderr := startChild(t, "stubborn")
	stderr.await(t, "running")
	interrupt := func() { _ = cmd.Process.Signal(os.Interrupt) }
	interrupt()
	stderr.await(t, "told to end")
	// Again and again, as one of a user in a hurry may come before the process has seen to it.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	gone := make(chan struct{})
	go func() {
		for {
			interrupt()
			select {
			case <-again.C:
			case <-gone:
				return
			}
		}
	}()
	ended(t, cmd)
	close(gone)
	if state := cmd.ProcessState.String(); !strings.Contains(state, "interrupt") {
		t.Errorf("ended by %s; stderr: %s", state, stderr)
	}
}

// What the machinery logs is not.
func TestWhatAProjectLogsIsShown(t *testing.T) {
	cmd, stderr := startChild(t, "chatty")
	ended(t, cmd)
	want := `toys: counting
toys: warning: running low
toys: error: reading: file already closed file="x"
toys: error: writing: file already closed logger="robots" a="b" c=1
toys: error: reconciling: file already closed logger="robots.UnhandledError" a="b"
toys: fatal: cannot go on
`
	if stderr.String() != want || cmd.ProcessState.ExitCode() <= 0 {
		t.Errorf("%v, stderr %q, want %q", cmd.ProcessState, stderr, want)
	}
}

// storeRobots runs a control plane over dir and leaves the robots a and b in its database.
func storeRobots(t *testing.T, dir string, parts []controlplane.Part) {
	t.Helper()
	p := launch(t, dir, parts)
	p.stdout.await(t, ready)
	c := p.client(dir)
	c.must("POST", robots, robot("a", "model: x"))
	c.must("POST", robots, robot("b", "model: x"))
	p.interrupt()
	p.exits(0)
}
