package testenv

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/pki"
)

// Options are what a test wants of its control plane, beside its parts. The zero value serves from memory.
type Options struct {
	// CRDs are manifests, or folders of them, with definitions of custom resources. They are created, and served when Start
	// returns. Other objects in the files are left alone.
	CRDs []string
	// Webhooks are manifests, or folders of them, with ValidatingWebhookConfigurations and MutatingWebhookConfigurations.
	// They are created with the address of Env.Webhooks in place of the service that they name, and its authority. So are
	// conversion webhooks of CRDs.
	Webhooks []string
	// FeatureGates turns features of Kubernetes' on and off. They are the process's, not the server's: the first to start decides,
	// and one with others fails.
	FeatureGates map[string]bool
	// Storage is storage.Memory, which is what an empty one means, or storage.SQLite, in a folder of the test's.
	Storage string
	// APIServerArgs are flags of kube-apiserver's own, such as --enable-admission-plugins=AlwaysPullImages.
	APIServerArgs []string
}

// Env is a control plane that runs for as long as a test.
type Env struct {
	t     testing.TB
	plane *controlplane.ControlPlane
	pki   string
	hooks *webhooks
}

// Start runs a control plane of parts, with everything at its default. See Options.Start.
func Start(t testing.TB, parts ...controlplane.Part) *Env {
	t.Helper()
	return Options{}.Start(t, parts...)
}

// settleLimit is how long the parts may take to bring about what they do at a start. It is for what hangs: 5,000 nodes take a quarter of a minute.
const settleLimit = 3 * time.Minute

// Start runs a control plane of parts until the test and its subtests end. It returns when the server is ready, has what the
// options name and can take pods in the namespace default, and the nodes of the parts are there and known to schedulers. What goes wrong
// ends the test.
func (o Options) Start(t testing.TB, parts ...controlplane.Part) *Env {
	t.Helper()
	controlplane.QuietLog("testenv")
	dir := t.TempDir()
	e := &Env{t: t, pki: filepath.Join(dir, "pki")}
	options := controlplane.Options{
		Name:          "testenv",
		PKI:           e.pki,
		Kubeconfig:    filepath.Join(e.pki, "kubeconfig"),
		Storage:       o.Storage,
		APIServerArgs: append(o.featureGates(), o.APIServerArgs...),
	}
	if o.Storage != "" {
		options.Data = filepath.Join(dir, "data")
	}
	plane, err := controlplane.Start(t.Context(), options, parts...)
	if err != nil {
		t.Fatalf("testenv: %v", err)
	}
	e.plane = plane
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Errorf("testenv: stop: %v", err)
		}
	})
	// Before webhooks are asked, whose server only runs once the test has its address.
	settling, cancel := context.WithTimeoutCause(t.Context(), settleLimit, fmt.Errorf("not within %v", settleLimit))
	defer cancel()
	if err := plane.WaitSettled(settling); err != nil {
		t.Fatalf("testenv: %v", err)
	}
	if e.hooks, err = newWebhooks(filepath.Join(dir, "webhook")); err != nil {
		t.Fatalf("testenv: an address for webhooks: %v", err)
	}
	t.Cleanup(e.hooks.release)
	if err := e.install(t.Context(), o); err != nil {
		t.Fatalf("testenv: %v", err)
	}
	return e
}

func (o Options) featureGates() []string {
	if len(o.FeatureGates) == 0 {
		return nil
	}
	var gates []string
	for _, name := range slices.Sorted(maps.Keys(o.FeatureGates)) {
		gates = append(gates, name+"="+strconv.FormatBool(o.FeatureGates[name]))
	}
	return []string{"--feature-gates=" + strings.Join(gates, ",")}
}

// Config returns a client configuration of the administrator's, a new one with each call. It has no limit of its own on the
// rate of requests.
func (e *Env) Config() *rest.Config {
	config := e.plane.RESTConfig()
	config.QPS = -1
	return config
}

// Kubeconfig returns the path of the administrator's kubeconfig, for programs that the test runs. Those of a part's users are
// beside it.
func (e *Env) Kubeconfig() string { return filepath.Join(e.pki, "kubeconfig") }

// User returns a client configuration of somebody by that name and of those groups, with a certificate of the control plane's
// authority. What they may do is for the parts' authorizers to say: with kubernetes.All(), nothing but to look at discovery,
// unless a role is bound to them.
func (e *Env) User(name string, groups ...string) *rest.Config {
	e.t.Helper()
	cert, key, err := pki.NewClient(e.pki, time.Now(), name, groups...)
	if err != nil {
		e.t.Fatalf("testenv: a certificate for %s: %v", name, err)
	}
	config := e.Config()
	config.CertData, config.KeyData = cert, key
	return config
}

// Webhooks returns where the test's webhook server has to listen. The port is kept from others until the first call, so that should
// come right before the server's start.
func (e *Env) Webhooks() WebhookServer {
	e.hooks.release()
	return e.hooks.WebhookServer
}

// install creates what the options name.
func (e *Env) install(ctx context.Context, o Options) error {
	if len(o.CRDs) == 0 && len(o.Webhooks) == 0 {
		return nil
	}
	definitions, err := read(o.CRDs, isDefinition)
	if err != nil {
		return err
	}
	configurations, err := read(o.Webhooks, isWebhookConfiguration)
	if err != nil {
		return err
	}
	for _, m := range slices.Concat(definitions, configurations) {
		e.hooks.inject(m)
	}
	installer, err := newInstaller(e.Config())
	if err != nil {
		return err
	}
	return installer.install(ctx, definitions, configurations)
}
