package controlplane_test

import (
	"crypto/tls"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	wardleinstall "k8s.io/sample-apiserver/pkg/apis/wardle/install"
	sampleopenapi "k8s.io/sample-apiserver/pkg/generated/openapi"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// damage replaces text in the stored object of a server that does not run.
func damage(t *testing.T, dir, key, old, replacement string) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Path: filepath.Join(dir, "data", "kubecraft.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found, err := store.Client().KV.Get(t.Context(), key)
	if err != nil || len(found.Kvs) != 1 {
		t.Fatalf("%s: %v, %v", key, found, err)
	}
	changed := strings.Replace(string(found.Kvs[0].Value), old, replacement, 1)
	if changed == string(found.Kvs[0].Value) {
		t.Fatalf("no %s in %s", old, changed)
	}
	if _, err := store.Client().KV.Put(t.Context(), key, changed); err != nil {
		t.Fatal(err)
	}
}

func TestAnObjectThatDoesNotDecodeStopsItsResourceOnly(t *testing.T) {
	parts := append(toysPart(), controlplane.Groups{
		OpenAPI: sampleopenapi.GetOpenAPIDefinitions,
		Groups:  []apiserver.Group{{NewRESTStorage: sample, Install: wardleinstall.Install}},
	})
	dir := t.TempDir()
	storeRobots(t, dir, parts)
	damage(t, dir, "/registry/toys.example.com/robots/default/a", `"model":"x"`, `"model":7`)

	p := launch(t, dir, parts)
	p.stdout.await(t, ready)
	p.stderr.await(t, `^toys: warning: stored objects that do not fit their types any more: 1; .*mend the types.*kubecraft reset \(such as /registry/toys.example.com/robots/default/a: .*spec.model.*\)\n$`)
	c := p.client(dir)
	c.must("GET", "/readyz", "")
	c.must("GET", "/apis/wardle.example.com/v1alpha1/flunders", "")
	c.must("GET", robots+"/b", "")
	if got := c.do("GET", robots, ""); got.Code != 429 {
		t.Errorf("listed: %d %s", got.Code, got.Text)
	}
	p.interrupt()
	p.exits(0)

	damage(t, dir, "/registry/toys.example.com/robots/default/a", `"model":7`, `"model":"x"`)
	p = launch(t, dir, parts)
	p.stdout.await(t, ready)
	if got := p.client(dir).must("GET", robots, ""); len(got.Items) != 2 {
		t.Errorf("after it was mended: %s", got.Text)
	}
	p.interrupt()
	p.exits(0)
}

func TestObjectsThatDoNotConvertAreWarnedOf(t *testing.T) {
	dir := t.TempDir()
	first, c := start(t, dir)
	c.must("POST", robots, robot("a", "model: x"))
	stop(t, first)
	p := launch(t, dir, []controlplane.Part{serve.Unconverted()})
	p.stderr.await(t, `warning: stored objects that do not fit their types any more: 1;`)
	p.interrupt()
	p.exits(0)
}

// serving returns the serial number of the certificate at a URL.
func serving(t *testing.T, at string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", u.Host, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is what is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func TestARunningServerRenewsItsCertificates(t *testing.T) {
	dir := t.TempDir()
	const age = 340 * 24 * time.Hour
	clock := clocktesting.NewFakeClock(time.Now().Add(-age))
	o := controlplane.Options{Data: filepath.Join(dir, "data"), PKI: filepath.Join(dir, "pki"), Kubeconfig: filepath.Join(dir, "config")}
	server, err := controlplane.Start(t.Context(), o.WithClock(clock), serve.Groups())
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	before, admin := serving(t, server.URL()), server.RESTConfig().CertData

	clock.Step(age)
	deadline := time.Now().Add(patience)
	for changed := false; !changed; {
		if time.Now().After(deadline) {
			t.Fatal("the certificates are the old ones")
		}
		config, err := clientcmd.LoadFromFile(o.Kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		changed = serving(t, server.URL()) != before && string(config.AuthInfos["kubecraft"].ClientCertificateData) != string(admin)
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, url: config.Host, http: httpsClient(t, config)}
	c.must("GET", robots, "")
	if string(server.RESTConfig().CertData) != string(config.CertData) {
		t.Error("RESTConfig has another certificate than the kubeconfig")
	}
}

func TestServingAtAHostname(t *testing.T) {
	names := []string{"localhost"}
	if name, err := os.Hostname(); err == nil {
		if _, err := net.LookupHost(name); err == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		dir := t.TempDir()
		p := launch(t, dir, toysPart(), "--address", name)
		p.stdout.await(t, "ready in .*https://"+name+`:\d+ `)
		p.client(dir).must("GET", "/readyz", "")
		p.interrupt()
		p.exits(0)
	}
}

func TestThePortIsKept(t *testing.T) {
	dir := t.TempDir()
	serveOnce := func(args ...string) string {
		t.Helper()
		p := launch(t, dir, toysPart(), args...)
		port := p.stdout.await(t, ready)[2]
		p.interrupt()
		p.exits(0)
		return port
	}
	kept := serveOnce()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	free.Close()
	if got := serveOnce("--port", other); got != other {
		t.Errorf("served at %s, asked for %s", got, other)
	}
	if got := serveOnce(); got != kept {
		t.Errorf("served at %s, kept is %s", got, kept)
	}
	file := filepath.Join(dir, "data", "port")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	chosen := serveOnce()
	if text, err := os.ReadFile(file); err != nil || string(text) != chosen+"\n" {
		t.Errorf("served at %s, kept is %q, %v", chosen, text, err)
	}
	if left, _ := filepath.Glob(file + "?*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheKubeconfigIsInThePKIFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	p := launchIn(t, toysPart(), "--data", "d", "--pki", "certs")
	p.stdout.await(t, "kubeconfig "+filepath.Join("certs", "kubeconfig"))
	if _, err := os.Stat(filepath.Join("certs", "kubeconfig")); err != nil {
		t.Error(err)
	}
	p.interrupt()
	p.exits(0)
	if _, err := os.Stat("pki"); err == nil {
		t.Error("there is a folder pki too")
	}
}
