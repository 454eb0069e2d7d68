package controlplane_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

const (
	robots   = "/apis/toys.example.com/v1/namespaces/default/robots"
	patience = 20 * time.Second
)

// client makes plain HTTPS requests, as users who have no library do.
type client struct {
	t    testing.TB
	url  string
	http *http.Client
}

// start starts a control plane over dir; with dir empty, one in memory.
func start(t *testing.T, dir string, parts ...controlplane.Part) (*controlplane.ControlPlane, *client) {
	t.Helper()
	o := controlplane.Options{Name: "test"}
	if dir != "" {
		o.Data, o.PKI, o.Kubeconfig = filepath.Join(dir, "data"), filepath.Join(dir, "pki"), filepath.Join(dir, "pki", "kubeconfig")
	}
	if len(parts) == 0 {
		parts = []controlplane.Part{serve.Groups()}
	}
	c, err := controlplane.Start(t.Context(), o, parts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c, &client{t: t, url: c.URL(), http: httpsClient(t, c.RESTConfig())}
}

func stop(t *testing.T, c *controlplane.ControlPlane) {
	t.Helper()
	if err := c.Stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func httpsClient(t testing.TB, config *rest.Config) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.CAData)
	conf := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	if config.CertData != nil {
		pair, err := tls.X509KeyPair(config.CertData, config.KeyData)
		if err != nil {
			t.Fatal(err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{TLSClientConfig: conf}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// answer is the part of any answer that the tests look at.
type answer struct {
	Code     int      `json:"-"`
	Text     string   `json:"-"`
	Warnings []string `json:"-"`
	Message  string
	Reason   string
	Metadata struct {
		Name, Namespace, ResourceVersion, Continue, DeletionTimestamp string
		UID                                                           string
		Generation                                                    int64
		Finalizers                                                    []string
		ManagedFields                                                 []struct{ Manager, Operation, Subresource string }
	}
	Spec struct {
		Model    string
		Replicas int32
	}
	Status            any
	Items             []answer
	Rows              []struct{ Cells []any }
	ColumnDefinitions []struct {
		Name     string
		Priority int32
	}
}

// do makes a request; header is names and values in turn.
func (c *client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/yaml")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	var a answer
	if bytes.HasPrefix(text, []byte("{")) {
		if err := json.Unmarshal(text, &a); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	a.Code, a.Text, a.Warnings = response.StatusCode, string(text), response.Header.Values("Warning")
	return a
}

// must makes a request that has to be answered with one of the 200s.
func (c *client) must(method, path, body string, header ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, header...)
	if a.Code/100 != 2 {
		c.t.Fatalf("%s %s: %d: %s", method, path, a.Code, a.Text)
	}
	return a
}

// refused makes a request that has to be answered with code and a message that has text in it.
func (c *client) refused(code int, text, method, path, body string, header ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, header...)
	if a.Code != code || !strings.Contains(a.Message, text) {
		c.t.Errorf("%s %s: %d %q, want %d %q", method, path, a.Code, a.Message, code, text)
	}
	return a
}

// robot is one as YAML; more is further metadata.
func robot(name, spec string, more ...string) string {
	return "{apiVersion: toys.example.com/v1, kind: Robot, metadata: {" +
		strings.Join(append([]string{"name: " + name}, more...), ", ") + "}, spec: {" + spec + "}}"
}
