package testenv

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"net"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

// WebhookServer says where the test's webhook server has to listen, and with what certificate. Host, Port and
// CertDir are as in controller-runtime's webhook.Options.
type WebhookServer struct {
	Host string
	Port int
	// CertDir has tls.crt and tls.key.
	CertDir string
	// CA is what clients trust, PEM.
	CA []byte
}

// URL is where a path of the server is reached.
func (w WebhookServer) URL(of string) string {
	return "https://" + net.JoinHostPort(w.Host, strconv.Itoa(w.Port)) + path.Join("/", of)
}

// webhooks is a server's address, kept from others until the test's own is about to take it.
type webhooks struct {
	WebhookServer
	kept net.Listener
}

// webhookLifetime is longer than any test.
const webhookLifetime = 7 * 24 * time.Hour

func newWebhooks(dir string) (*webhooks, error) {
	host := net.IPv4(127, 0, 0, 1)
	cert, key, err := pki.SelfSigned(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "webhook"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{host},
	}, webhookLifetime)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{"tls.crt": cert, "tls.key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host.String(), "0"))
	if err != nil {
		return nil, err
	}
	return &webhooks{
		WebhookServer: WebhookServer{Host: host.String(), Port: listener.Addr().(*net.TCPAddr).Port, CertDir: dir, CA: cert},
		kept:          listener,
	}, nil
}

// release lets the test's server have the address. It may be called more than once.
func (w *webhooks) release() { _ = w.kept.Close() }

// inject puts the server's address and authority in place of the services that a manifest names.
func (w *webhooks) inject(m manifest) {
	hooks, _, _ := unstructured.NestedFieldNoCopy(m.Object, "webhooks")
	list, _ := hooks.([]any)
	for _, hook := range list {
		if of, ok := hook.(map[string]any); ok {
			w.injectInto(of["clientConfig"])
		}
	}
	conversion, _, _ := unstructured.NestedFieldNoCopy(m.Object, "spec", "conversion", "webhook", "clientConfig")
	w.injectInto(conversion)
}

func (w *webhooks) injectInto(clientConfig any) {
	config, ok := clientConfig.(map[string]any)
	if !ok {
		return
	}
	service, ok := config["service"].(map[string]any)
	if !ok {
		return // it names a server of its own
	}
	at, _ := service["path"].(string)
	delete(config, "service")
	config["url"] = w.URL(at)
	config["caBundle"] = base64.StdEncoding.EncodeToString(w.CA)
}
