package kubernetes_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// patience is how long something may take that takes milliseconds.
const patience = 30 * time.Second

// shared is the one server of the tests that need nothing of their own; its types are the built-in ones and the toys.
var shared struct {
	once  sync.Once
	dir   string
	plane *controlplane.ControlPlane
	err   error
}

func TestMain(m *testing.M) {
	switch os.Getenv(childProcess) {
	case "":
	case memoryChild:
		os.Exit(holdMemory())
	default:
		os.Exit(child())
	}
	flag.Parse()
	// Most of them wait, for a server in a process of its own or for a time to pass.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	controlplane.QuietLog("test") // what is wrong is returned or asked for, but for last words
	code := m.Run()
	if shared.plane != nil {
		if err := shared.plane.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop:", err)
			code = 1
		}
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// cluster is a running control plane and an administrator's clients of it.
type cluster struct {
	t      *testing.T
	dir    string
	plane  *controlplane.ControlPlane // nil if it is another process
	config *rest.Config
	*clientset.Clientset
	objects dynamic.Interface
}

func newCluster(t *testing.T, dir string, plane *controlplane.ControlPlane) *cluster {
	t.Helper()
	c := newClients(t, dir, plane.RESTConfig())
	c.plane = plane
	return c
}

// newClients are of a server that may be another process.
func newClients(t *testing.T, dir string, config *rest.Config) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: dir, config: config}
	c.config.QPS, c.config.UserAgent = -1, "test"
	var err error
	if c.Clientset, err = clientset.NewForConfig(c.config); err != nil {
		t.Fatal(err)
	}
	if c.objects, err = dynamic.NewForConfig(c.config); err != nil {
		t.Fatal(err)
	}
	return c
}

// sharedCluster is a part of the shared server: a namespace of the test's own.
func sharedCluster(t *testing.T) (*cluster, string) {
	t.Helper()
	t.Parallel()
	if err := startShared(); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, shared.dir, shared.plane)
	return c, c.namespace()
}

// startShared starts the shared server, once.
func startShared() error {
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "kubernetes-test-"); shared.err == nil {
			shared.plane, shared.err = controlplane.Start(context.Background(), options(shared.dir), serve.Groups(), kubernetes.All())
		}
	})
	return shared.err
}

func options(dir string) controlplane.Options {
	return controlplane.Options{Name: "test", Data: filepath.Join(dir, "data"), PKI: filepath.Join(dir, "pki")}
}

// start runs a control plane until the test ends.
func start(t *testing.T, o controlplane.Options, parts ...controlplane.Part) *cluster {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), o, parts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return newCluster(t, filepath.Dir(o.PKI), plane)
}

func (c *cluster) namespace() string {
	c.t.Helper()
	name := "test-" + rand.String(8)
	c.create("/api/v1/namespaces", fmt.Sprintf(`{"metadata":{"name":%q}}`, name))
	return name
}

// create posts an object, as JSON, to a path.
func (c *cluster) create(path, object string) {
	c.t.Helper()
	if err := c.post(path, object); err != nil {
		c.t.Fatalf("create in %s: %v", path, err)
	}
}

func (c *cluster) post(path, object string) error {
	return c.request(path, object).Do(c.t.Context()).Error()
}

// try posts an object that is not to be kept.
func (c *cluster) try(path, object string) error {
	return c.request(path, object).Param("dryRun", "All").Do(c.t.Context()).Error()
}

func (c *cluster) request(path, object string) *rest.Request {
	return c.CoreV1().RESTClient().Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body([]byte(object))
}

// get returns what is at a path.
func (c *cluster) get(path string) string {
	c.t.Helper()
	body, err := c.CoreV1().RESTClient().Get().RequestURI(path).SetHeader("Accept", "*/*").DoRaw(c.t.Context())
	if err != nil {
		c.t.Fatalf("get %s: %v", path, err)
	}
	return string(body)
}

// eventually asks until the answer is yes.
func (c *cluster) eventually(what string, ask func() bool) {
	c.t.Helper()
	for begin := time.Now(); !ask(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > patience {
			c.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
