package controlplane_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

// output collects what a process writes, and can be waited on.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(b)
	select {
	case o.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) await(t *testing.T, pattern string) []string {
	t.Helper()
	deadline := time.After(patience)
	for {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(o.String()); found != nil {
			return found
		}
		select {
		case <-o.more:
		case <-deadline:
			t.Fatalf("no %q in %q", pattern, o.String())
		}
	}
}

// process is a run of Main.
type process struct {
	t              *testing.T
	stdout, stderr *output
	interrupt      context.CancelFunc
	code           chan int
}

func launch(t *testing.T, dir string, parts []controlplane.Part, args ...string) *process {
	t.Helper()
	args = append([]string{"--data", filepath.Join(dir, "data"), "--pki", filepath.Join(dir, "pki"), "--write-kubeconfig", filepath.Join(dir, "pki", "kubeconfig")}, args...)
	return launchIn(t, parts, args...)
}

// launchIn is launch with the flags alone.
func launchIn(t *testing.T, parts []controlplane.Part, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{t: t, stdout: newOutput(), stderr: newOutput(), interrupt: cancel, code: make(chan int, 1)}
	go func() { p.code <- controlplane.Run(ctx, "toys", args, p.stdout, p.stderr, parts...) }()
	t.Cleanup(cancel)
	return p
}

func (p *process) exits(code int) {
	p.t.Helper()
	select {
	case got := <-p.code:
		if got != code {
			p.t.Errorf("exit code %d, want %d; stderr: %s", got, code, p.stderr)
		}
	case <-time.After(patience):
		p.t.Fatal("did not end")
	}
}

// client returns one for the kubeconfig that the process wrote.
func (p *process) client(dir string) *client {
	p.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(dir, "pki", "kubeconfig"))
	if err != nil {
		p.t.Fatal(err)
	}
	return &client{t: p.t, url: config.Host, http: httpsClient(p.t, config)}
}

const ready = `^ready in \d+ ms   (https://127\.0\.0\.1:(\d+))   kubeconfig \S+kubeconfig\n`

func toysPart() []controlplane.Part { return []controlplane.Part{serve.Groups()} }

func TestMainServesUntilInterrupted(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, dir, toysPart())
	first := p.stdout.await(t, ready)
	p.stdout.await(t, "namespaced objects are accepted in any namespace until the project serves namespaces\n")
	c := p.client(dir)
	c.must("POST", robots, robot("a", ""))

	other := launch(t, dir, toysPart())
	other.exits(1)
	if text := other.stderr.String(); !strings.Contains(text, "in use") || !strings.Contains(text, strconv.Itoa(os.Getpid())) || strings.Count(text, "\n") != 1 {
		t.Errorf("a second server on the same folder: %q", text)
	}

	p.interrupt()
	p.exits(0)
	if p.stderr.String() != "" {
		t.Errorf("stderr: %q", p.stderr)
	}

	p = launch(t, dir, toysPart())
	if again := p.stdout.await(t, ready); again[1] != first[1] {
		t.Errorf("served at %s, then at %s", first[1], again[1])
	}
	p.client(dir).must("GET", robots+"/a", "")
	p.interrupt()
	p.exits(0)
	if strings.Contains(p.stdout.String(), "namespaced") {
		t.Errorf("said again: %q", p.stdout)
	}
}

func TestMainSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	file := func(path, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	nothing := func(*testing.T, string) {}
	for name, c := range map[string]struct {
		prepare func(*testing.T, string)
		args    []string
		code    int
		want    string
	}{
		"unknown flag":          {nothing, []string{"--nope"}, 2, "unknown flag: --nope"},
		"argument":              {nothing, []string{"now"}, 2, `unexpected argument "now"`},
		"no port":               {nothing, []string{"--port", "70000"}, 2, "--port 70000"},
		"unknown storage":       {nothing, []string{"--storage", "tape"}, 1, `"tape"`},
		"port in use":           {nothing, []string{"--port", port}, 1, "port " + port + " of 127.0.0.1 is in use"},
		"kept port in use":      {file("data/port", port+"\n"), nil, 1, "port " + port + " of 127.0.0.1 is in use"},
		"port file damaged":     {file("data/port", "harbour"), nil, 1, `"harbour" is not a port`},
		"foreign database":      {file("data/kubecraft.db", strings.Repeat("not SQLite ", 1000)), nil, 1, "kubecraft.db"},
		"half a pair":           {file("pki/ca.crt", "x"), nil, 1, "ca.key is missing"},
		"kubeconfig is no such": {file("pki/kubeconfig", "- a\n"), nil, 1, "not a kubeconfig"},
		"data is a file":        {file("data", "x"), nil, 1, "data: not a directory; name another with --data"},
		"pki is a file":         {file("pki", "x"), nil, 1, "pki for certificates: not a directory; name another with --pki"},
		"port file is a folder": {file("data/port/x", "x"), nil, 1, "is a directory; make the file readable, or delete it"},
		"sqlite without data":   {nothing, []string{"--data", ""}, 1, "needs a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.prepare(t, dir)
			p := launch(t, dir, toysPart(), c.args...)
			p.exits(c.code)
			if text := p.stderr.String(); !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "toys: ") {
				t.Errorf("stderr %q, want one line with %q", text, c.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	p := launch(t, t.TempDir(), toysPart(), "--help")
	p.exits(0)
	for _, want := range []string{"Examples:", "--address", "--port", "--data", "--pki", "--storage", "--write-kubeconfig", "-v, --v"} {
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("no %s in %s", want, p.stdout)
		}
	}
}

func TestTypesThatChangedAreWarnedOf(t *testing.T) {
	dir := t.TempDir()
	storeRobots(t, dir, toysPart())

	p := launch(t, dir, []controlplane.Part{controlplane.Groups{}})
	p.stderr.await(t, `^toys: warning: stored objects of kinds or versions that are no longer served: 2;.*/registry/toys.example.com/robots/default/a`)
	p.interrupt()
	p.exits(0)

	p = launch(t, dir, []controlplane.Part{serve.Narrow()})
	p.stderr.await(t, `^toys: warning: stored objects with fields that their types no longer have: 2;.*spec.model`)
	p.interrupt()
	p.exits(0)

	// Each warning has an example of its own.
	damage(t, dir, "/registry/toys.example.com/robots/default/b", `"kind":"Robot"`, `"kind":"Android"`)
	p = launch(t, dir, []controlplane.Part{serve.Narrow()})
	p.stderr.await(t, `stored objects with fields .*: 1; .*robots/default/a: .*\n.*stored objects of kinds .*: 1; .*robots/default/b: .*Android`)
	p.interrupt()
	p.exits(0)
}

// component is a part with one component.
type component struct {
	name string
	run  func(context.Context) error
}

func (c *component) Apply(config *controlplane.Config) error {
	config.Components = append(config.Components, c)
	return nil
}

func (c *component) Name() string { return c.name }

func (c *component) Run(ctx context.Context, _ *rest.Config) error { return c.run(ctx) }

func TestComponentsStopInReverse(t *testing.T) {
	var mu sync.Mutex
	var order []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	var parts []controlplane.Part
	var started sync.WaitGroup
	for _, name := range []string{"one", "two", "three"} {
		started.Add(1)
		parts = append(parts, &component{name, func(ctx context.Context) error {
			started.Done()
			<-ctx.Done()
			note(name)
			return nil
		}})
	}
	server, _ := start(t, "", parts...)
	started.Wait()
	stop(t, server)
	if got := strings.Join(order, " "); got != "three two one" {
		t.Errorf("stopped %s", got)
	}
}

func TestAComponentThatDoesNotEndIsLeftBehindAndNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		ended := false
		err := controlplane.StartAndStop(t.Context(),
			&component{"good", func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil }},
			&component{"stubborn", func(context.Context) error { <-never; return nil }})
		close(never)
		if err == nil || !strings.HasPrefix(err.Error(), "stubborn did not end") || !ended {
			t.Errorf("got %v; the other ended: %v", err, ended)
		}
	})
}

// broken is a part with two mistakes.
type broken struct{}

func (broken) Apply(*controlplane.Config) error {
	return errors.Join(errors.New("no wheels"), errors.New("no wings"))
}

func TestErrorsAreOneLine(t *testing.T) {
	p := launch(t, t.TempDir(), []controlplane.Part{broken{}})
	p.exits(1)
	if got := p.stderr.String(); got != "toys: no wheels; no wings\n" {
		t.Errorf("stderr: %q", got)
	}
}

func TestAFailedComponentStopsTheControlPlane(t *testing.T) {
	p := launch(t, t.TempDir(), []controlplane.Part{&component{"wheel", func(context.Context) error { return errors.New("came off") }}})
	p.exits(1)
	if got := p.stderr.String(); got != "toys: wheel: came off\n" {
		t.Errorf("stderr: %q", got)
	}
}

// settling is a component that settles when it is told to.
type settling struct {
	component
	settled atomic.Bool
	asked   atomic.Int32
}

func (s *settling) Apply(config *controlplane.Config) error {
	config.Components = append(config.Components, s)
	return nil
}

func (s *settling) Settled() bool {
	s.asked.Add(1)
	return s.settled.Load()
}

func TestSettledIsWhenAllComponentsAre(t *testing.T) {
	idle := func(ctx context.Context) error { <-ctx.Done(); return nil }
	nodes, scheduler := &settling{component: component{"nodes", idle}}, &settling{component: component{"scheduler", idle}}
	server, _ := start(t, "", scheduler, &component{"other", idle}, nodes)
	scheduler.settled.Store(true)
	settled := make(chan error, 1)
	go func() { settled <- server.WaitSettled(t.Context()) }()
	for nodes.asked.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	scheduler.settled.Store(false) // the nodes are news to it
	nodes.settled.Store(true)
	for asked := scheduler.asked.Load(); scheduler.asked.Load() < asked+2; {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-settled:
		t.Fatalf("settled before the scheduler: %v", err)
	default:
	}
	scheduler.settled.Store(true)
	if err := <-settled; err != nil {
		t.Fatal(err)
	}

	nodes.settled.Store(false)
	limited, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errors.New("not within a millisecond"))
	defer cancel()
	if err := server.WaitSettled(limited); err == nil || err.Error() != "nodes: not settled: not within a millisecond" {
		t.Errorf("got %v", err)
	}
	stop(t, server)
	if err := server.WaitSettled(t.Context()); err == nil || err.Error() != "nodes: not settled: the control plane has stopped" {
		t.Errorf("got %v", err)
	}
}

func TestAFailureIsToldToWhoWaits(t *testing.T) {
	nodes := &settling{component: component{"nodes", func(context.Context) error { return errors.New("no room") }}}
	server, err := controlplane.Start(t.Context(), controlplane.Options{Name: "test"}, serve.Groups(), nodes)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.WaitSettled(t.Context()); err == nil || err.Error() != "nodes: no room" {
		t.Errorf("got %v", err)
	}
}

// starting is a server that gets ready after a while, and has hooks that may and may not be cut off.
type starting struct {
	controlplane.Server
	begun time.Time
	hooks map[string]time.Duration // how long they take
}

func (s starting) Health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		healthy := true
		var said strings.Builder
		for name, lasts := range s.hooks {
			if time.Since(s.begun) < lasts {
				healthy = false
				fmt.Fprintf(&said, "[-]poststarthook/%s failed: reason withheld\n", name)
			} else {
				fmt.Fprintf(&said, "[+]poststarthook/%s ok\n", name)
			}
		}
		if !healthy {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, said.String())
	})
}

func (starting) CanCutOff(hook string) bool { return hook == "patient" }

func TestAStartThatIsToldToEndWaitsForHooksThatCannotBeCutOff(t *testing.T) {
	const never = time.Hour
	for name, c := range map[string]struct {
		hooks map[string]time.Duration
		want  time.Duration // from the end of its context, a second after its begin
	}{
		"ready soon":       {map[string]time.Duration{"patient": 5 * time.Second, "brittle": 3 * time.Second}, 4 * time.Second},
		"hangs":            {map[string]time.Duration{"patient": never, "brittle": 3 * time.Second}, 10 * time.Second},
		"is slow":          {map[string]time.Duration{"patient": never, "brittle": 41 * time.Second}, 40 * time.Second},
		"never comes back": {map[string]time.Duration{"brittle": never}, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := controlplane.WaitReady(ctx, starting{begun: begun, hooks: c.hooks})
				took := time.Since(begun) - time.Second
				if !errors.Is(err, context.DeadlineExceeded) || took < c.want || took > c.want+c.want/10+time.Second {
					t.Errorf("it ended after %v with %v, not after %v", took, err, c.want)
				}
			})
		})
	}
}
