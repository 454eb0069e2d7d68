package kubernetes_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// childProcess is the environment variable that makes the test's program the server: with it, child is its main.
const childProcess = "KUBERNETES_TEST_CHILD"

// child serves the built-in API and the toys, as a process of its own.
func child() int { return controlplane.Main("test", os.Args[1:], serve.Groups(), kubernetes.All()) }

// process is a server that can be killed, and started again over the same folder and port.
type process struct {
	t      *testing.T
	dir    string
	args   []string
	cmd    *exec.Cmd
	stderr *said
	ended  chan struct{}
}

// said is what a process has written so far.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// newProcess starts a server over a new folder.
func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	dir, err := os.MkdirTemp("", "kubernetes-test-")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, dir: dir, args: append([]string{"--data", filepath.Join(dir, "data"), "--pki", filepath.Join(dir, "pki")}, args...)}
	t.Cleanup(func() {
		p.kill()
		_ = os.RemoveAll(dir)
	})
	p.start()
	return p
}

// start returns when the server says that it is ready.
func (p *process) start() {
	p.t.Helper()
	if line := <-p.launch(); !strings.HasPrefix(line, "ready in ") {
		<-p.ended
		p.t.Fatalf("the server did not start: %v: %s%s", p.cmd.ProcessState, line, p.stderr)
	}
}

// launch starts the server and hands on the first line that it prints.
func (p *process) launch() <-chan string {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0], p.args...)
	p.cmd.Env = append(os.Environ(), childProcess+"=1")
	p.stderr = &said{}
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan struct{})
	first := make(chan string, 1)
	go func() {
		defer close(p.ended)
		out := bufio.NewReader(stdout)
		line, _ := out.ReadString('\n')
		first <- line
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait()
	}()
	return first
}

// kill ends the process as a power cut would. It may have ended before.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// terminate sends SIGTERM and does not wait.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// stopPatience is how long a stop may take on a machine that is busy with other tests: five seconds are promised, and what hangs
// here hangs for twice as long as this.
const stopPatience = 15 * time.Second

// exits waits for the process to end with a code.
func (p *process) exits(code int) {
	p.t.Helper()
	p.exitsWithin(stopPatience, code)
}

func (p *process) exitsWithin(patience time.Duration, code int) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the process does not end within %v", patience)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("%v, not code %d: %s", p.cmd.ProcessState, code, p.stderr)
	}
}

// config is an administrator's, by the kubeconfig that the server has written.
func (p *process) config() *rest.Config {
	p.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(p.dir, "pki", "kubeconfig"))
	if err != nil {
		p.t.Fatal(err)
	}
	return config
}

// etcd is a client of the store.
func (p *process) etcd() *clientv3.Client {
	p.t.Helper()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{"unix:" + filepath.Join(p.dir, "data", "etcd", "client.sock")}, DialTimeout: patience})
	if err != nil {
		p.t.Fatal(err)
	}
	return client
}
