package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
)

// checkExecs says what is wrong with an Exec or ClusterExec.
func checkExecs(all []internalversion.ExecTarget) error {
	for i, of := range all {
		if of.Local == nil {
			return fmt.Errorf("spec.execs[%d].local is missing", i)
		}
	}
	return nil
}

// serveExec runs a command where one of kwok's Execs says so, and else says that there is nothing to run it in.
func (f *fleet) serveExec(w http.ResponseWriter, req *http.Request, c container) {
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if c.status.State.Running == nil {
		http.Error(w, fmt.Sprintf("%s does not run", c), http.StatusBadRequest)
		return
	}
	command := req.URL.Query()["command"]
	if len(command) == 0 || command[0] == "" {
		http.Error(w, "there is no command to run", http.StatusBadRequest)
		return
	}
	var executor remotecommand.Executor = execution{c}
	target, ok := find(&f.simulated.execs, c.pod, c.status.Name, func(of internalversion.ExecTarget) []string { return of.Containers })
	if ok {
		executor = localExecution{target.Local}
	}
	remotecommand.ServeExec(w, req, executor, c.pod.Name, string(c.pod.UID), c.status.Name, command, options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

type execution struct{ container }

// ExecInContainer implements remotecommand.Executor.
func (e execution) ExecInContainer(_ context.Context, _, _, _ string, command []string, _ io.Reader, out, _ io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if out == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "simulated: nothing runs in %s; it was told: %s%s", e.container, strings.Join(command, " "), newline(tty))
	return err
}

func newline(tty bool) string {
	if tty {
		return "\r\n"
	}
	return "\n"
}

// localExecution runs commands on this machine, as kwok does for those who give it an Exec.
type localExecution struct {
	*internalversion.ExecTargetLocal
}

// ExecInContainer implements remotecommand.Executor.
func (e localExecution) ExecInContainer(ctx context.Context, _, _, _ string, command []string, in io.Reader, out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize, _ time.Duration) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = e.WorkDir, os.Environ()
	for _, env := range e.Envs {
		cmd.Env = append(cmd.Env, env.Name+"="+env.Value)
	}
	if as := e.SecurityContext; as != nil {
		if err := runAs(cmd, as.RunAsUser, as.RunAsGroup); err != nil {
			return err
		}
	}
	if tty {
		return exitError(runInTerminal(cmd, in, out, resize))
	}
	return run(cmd, in, out, errOut)
}

// endPatience is how long the streams of a command that has ended are waited for, which a process of its own may hold.
const endPatience = time.Second

// run runs a command with the streams that a client has asked for.
func run(cmd *exec.Cmd, in io.Reader, out, errOut io.Writer) error {
	cmd.WaitDelay = endPatience
	if out != nil {
		cmd.Stdout = out
	}
	if errOut != nil {
		cmd.Stderr = errOut
	}
	if in != nil {
		// Wait waits for copies that os/exec makes itself: a client that writes nothing would hold it.
		stdin, err := cmd.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			defer stdin.Close()
			_, _ = io.Copy(stdin, in)
		}()
	}
	return exitError(cmd.Run())
}

// exitError is the error of a command as a kubelet says with what code one ended.
func exitError(err error) error {
	if ended := new(exec.ExitError); errors.As(err, &ended) && ended.Exited() {
		return utilexec.CodeExitError{Err: err, Code: ended.ExitCode()}
	}
	return err
}
