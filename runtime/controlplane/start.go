package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/pki"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// ControlPlane is a running control plane.
type ControlPlane struct {
	url   string
	isNew bool // the data folder was
	// namespaces says that they are objects.
	namespaces bool
	store      *storage.Store
	etcd       *facade // nil if the store is an etcd
	server     Server
	settlers   []settler
	cleanup    func()
	// stale is what the start has found, nil if it had no reason to look.
	stale *apiserver.Stale

	mu     sync.Mutex
	bundle *pki.Bundle

	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Start composes the parts and returns when the API server is ready and its components are started. Several control
// planes may run in one process, over folders of their own. A resource with a stored object that no longer fits its type
// is not ready, and answers 429; the others are.
func Start(ctx context.Context, o Options, parts ...Part) (_ *ControlPlane, err error) {
	if o, err = o.complete(); err != nil {
		return nil, err
	}
	c := &ControlPlane{done: make(chan struct{})}
	if err := checkNames(parts); err != nil {
		return nil, err
	}
	var config Config
	c.cleanup = func() {
		for _, closer := range config.Closers {
			closer()
		}
	}
	defer func() {
		if err != nil {
			c.cleanup()
		}
	}()
	for _, part := range parts {
		if err := part.Apply(&config); err != nil {
			return nil, err
		}
	}
	config.serveNeeds()
	if err := config.checkArgs(o.APIServerArgs); err != nil {
		return nil, err
	}
	o.hosts, o.users = config.Hosts, config.Users
	c.namespaces = config.servesNamespaces()
	if o.PKI == "" {
		if o.PKI, err = os.MkdirTemp("", "kubecraft-pki-"); err != nil {
			return nil, fmt.Errorf("cannot make a folder for certificates in %s: %w; name one with --pki", os.TempDir(), cause(err))
		}
		folder := o.PKI
		config.Closers = append(config.Closers, func() { _ = os.RemoveAll(folder) })
	}
	if o.Data != "" {
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return nil, fmt.Errorf("cannot make the data folder %s: %w; name another with --data", o.Data, cause(err))
		}
	}
	// The store's lock comes first: a second server on this folder is told so, not that the port is in use.
	if c.store, err = storage.Open(ctx, o.storage()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = c.closeStore()
		}
	}()
	if c.store.MVCC() != nil {
		if c.etcd, err = serveEtcd(c.store, o.Data); err != nil {
			return nil, err
		}
	}
	if c.bundle, err = o.certificates(); err != nil {
		return nil, err
	}
	c.isNew = o.isNew()
	listener, err := o.listen()
	if err != nil {
		return nil, err
	}
	c.url = "https://" + reachable(o.Address, listener.Addr().(*net.TCPAddr))
	kubeconfigs, err := o.planKubeconfigs(c.url, c.bundle)
	if err != nil {
		listener.Close()
		return nil, err
	}
	if err := c.serve(ctx, o, config, listener); err != nil {
		return nil, err
	}
	for _, kubeconfig := range kubeconfigs {
		if err := kubeconfig.Write(); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	return c, nil
}

// serve runs the server and its components until Stop, and returns when they are up.
func (c *ControlPlane) serve(ctx context.Context, o Options, config Config, listener net.Listener) error {
	entrance := newGate(listener)
	etcd := c.store.Endpoints()
	if c.etcd != nil {
		etcd = []string{c.etcd.url}
	}
	server, err := config.newServer(ServerOptions{
		Options: apiserver.Options{
			Name:              o.Name,
			Listener:          entrance,
			ServingCert:       c.bundle.ServingCert,
			ServingKey:        c.bundle.ServingKey,
			ClientCA:          c.bundle.CA,
			Groups:            config.Groups,
			OpenAPI:           config.OpenAPI,
			Storage:           c.store,
			GarbageCollection: config.GarbageCollection,
			Authenticators:    config.Authenticators,
			Authorizers:       config.Authorizers,
			Admission:         config.Admission,
			Paths:             map[string]http.Handler{StopPath: http.HandlerFunc(c.serveStop)},
		},
		Store: c.store,
		Etcd:  etcd,
		Data:  o.Data,
		PKI:   o.PKI,
		Args:  o.APIServerArgs,

		DialNode:    config.DialNode,
		OwnsProcess: o.ownsProcess,
	})
	if err != nil {
		entrance.Close()
		return err
	}
	c.server = server
	// Ready is said when lists and watches are: upstream says it while its caches are still empty.
	if err := c.waitCaches(ctx); err != nil {
		c.server.Destroy()
		entrance.Close()
		return err
	}
	// What runs outlives the context of the start: it ends with Stop.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	components := newComponents(c.server.Loopback())
	renewals := o.clock.NewTicker(renewInterval)
	var renewing sync.WaitGroup
	renewing.Go(func() { c.renew(running, o, c.bundle, renewals) })
	go func() {
		defer close(c.done)
		defer c.cleanup()
		err := c.supervise(running, components)
		cancel()
		renewing.Wait()
		c.err = errors.Join(err, c.closeStore())
	}()
	if err := c.waitReady(ctx); err != nil {
		return errors.Join(err, c.Stop())
	}
	entrance.open()
	for _, component := range config.Components {
		if s, ok := component.(settler); ok {
			c.settlers = append(c.settlers, s)
		}
	}
	components.start(running, config.Components)
	return nil
}

// closeStore closes the store, and before it the etcd that it is served as.
func (c *ControlPlane) closeStore() error {
	if c.etcd != nil {
		c.etcd.stop()
	}
	return c.store.Close()
}

// supervise runs the server until ctx ends, or the server or a component fails. Components end before the server does.
func (c *ControlPlane) supervise(ctx context.Context, components *components) error {
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	served := make(chan error, 1)
	go func() { served <- c.server.Run(serving) }()
	select {
	case <-ctx.Done():
		err := components.stop()
		stopServing()
		return errors.Join(err, drained(served))
	case err := <-components.failed:
		err = errors.Join(err, components.stop())
		stopServing()
		return errors.Join(err, drained(served))
	case err := <-served:
		return errors.Join(err, components.stop())
	}
}

// drainLimit is how long a stop waits for requests that are under way. Upstream waits for as long as one may take, which is
// a minute (NonLongRunningRequestWaitGroup in k8s.io/apiserver/pkg/server/genericapiserver.go).
const drainLimit = 4 * time.Second

// drained returns how the server has ended. Requests that hang, on a webhook that does not answer, do not keep it: they get
// no answer, so they have not been acknowledged.
func drained(served <-chan error) error {
	limit := time.NewTimer(drainLimit)
	defer limit.Stop()
	select {
	case err := <-served:
		return err
	case <-limit.C:
		klog.Warning("requests that are not done are cut off")
		return nil
	}
}

const (
	// cutOffLimit is how long a start that is told to end may take to get ready all the same, and hookLimit how long hooks may that end the
	// process when they are cut off: on a machine that is busy, not for ever.
	cutOffLimit = 10 * time.Second
	hookLimit   = 2 * time.Minute
)

// waitReady asks the server's own handler for /readyz, without a connection and without the 100 ms between asks of
// upstream's waits. A start whose ctx ends comes to its end before that is said: upstream ends the process, with all its
// stacks, when a hook is cut off (k8s.io/apiserver/pkg/server/hooks.go:203).
func (c *ControlPlane) waitReady(ctx context.Context) error {
	request, err := http.NewRequest(http.MethodGet, "/readyz", nil)
	if err != nil {
		return err
	}
	told := make(chan time.Time, 1)
	defer context.AfterFunc(ctx, func() { told <- time.Now() })()
	var end time.Time // of ctx; zero before
	for begin := time.Now(); ; {
		answer := status{header: http.Header{}}
		c.server.Health().ServeHTTP(&answer, request)
		if answer.code == http.StatusOK {
			return ctx.Err()
		}
		if late := time.Since(end); !end.IsZero() && (late > hookLimit || late > cutOffLimit && !c.hasHooks(answer.body.String())) {
			return ctx.Err()
		}
		// Asking costs what the start needs itself: the longer it has taken, the less often.
		pause := time.NewTimer(max(time.Since(begin)/20, time.Millisecond))
		select {
		case <-pause.C:
		case end = <-told:
		case <-c.done:
			return fmt.Errorf("the server stopped before it was ready: %w", c.err)
		}
	}
}

// hasHooks says whether an answer of /readyz names post start hooks that have not ended and end the process when they are cut off.
func (c *ControlPlane) hasHooks(answer string) bool {
	for line := range strings.Lines(answer) {
		hook, pending := strings.CutPrefix(line, "[-]poststarthook/")
		hook, _, _ = strings.Cut(hook, " ")
		if pending && !c.server.CanCutOff(hook) {
			return true
		}
	}
	return false
}

// status is a response of which only the code and the body count.
type status struct {
	header http.Header
	code   int
	body   strings.Builder
}

func (s *status) Header() http.Header { return s.header }

func (s *status) Write(b []byte) (int, error) {
	if s.code == 0 {
		s.code = http.StatusOK
	}
	return s.body.Write(b)
}

func (s *status) WriteHeader(code int) { s.code = code }

// servesNamespaces says whether namespaces are objects here. While they are not, every namespace exists.
func (c *Config) servesNamespaces() bool {
	return c.NewServer != nil || slices.ContainsFunc(c.Groups, func(g apiserver.Group) bool { return g.Resource != nil && g.Resource.Name == "namespaces" })
}

// URL is where the server is reached.
func (c *ControlPlane) URL() string { return c.url }

// RESTConfig is a client configuration of the administrator. Each call returns a copy.
func (c *ControlPlane) RESTConfig() *rest.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &rest.Config{
		Host: c.url,
		TLSClientConfig: rest.TLSClientConfig{
			CAData: c.bundle.CA, CertData: c.bundle.AdminCert, KeyData: c.bundle.AdminKey,
		},
	}
}

// Done is closed when the control plane has ended, by Stop or by itself.
func (c *ControlPlane) Done() <-chan struct{} { return c.done }

// Stop ends the control plane and returns what went wrong while it ran or ended. It may be called more than once.
func (c *ControlPlane) Stop() error {
	c.cancel()
	<-c.done
	return c.err
}

// StopPath is where the server is asked to stop, with a POST of an administrator's. It answers with 202 and ends as after
// SIGTERM, on every system and from any process.
const StopPath = "/kubecraft/stop"

func (c *ControlPlane) serveStop(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "a stop is asked for with POST", http.StatusMethodNotAllowed)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	c.cancel()
}

// hosts are the names that the serving certificate must have for address.
func hosts(address string) []string {
	ip := net.ParseIP(address)
	if ip == nil || !ip.IsUnspecified() {
		return []string{address}
	}
	var all []string
	if found, err := net.InterfaceAddrs(); err == nil {
		for _, a := range found {
			if network, ok := a.(*net.IPNet); ok {
				all = append(all, network.IP.String())
			}
		}
	}
	if name, err := os.Hostname(); err == nil {
		all = append(all, name)
	}
	return all
}

// reachable is the host and port that a client on this machine uses. The host is one that the certificate has.
func reachable(address string, listener *net.TCPAddr) string {
	host := address
	if listener.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(listener.Port))
}
