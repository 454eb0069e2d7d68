package authentication

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

// authority makes an authority, and the certificate of an administrator.
func authority(t *testing.T) (dynamiccertificates.CAContentProvider, *x509.Certificate) {
	t.Helper()
	b, err := pki.Ensure(filepath.Join(t.TempDir(), "pki"), pki.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ca, err := dynamiccertificates.NewStaticCAContent("test", b.CA)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b.AdminCert)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return ca, cert
}

func showing(certs ...*x509.Certificate) *http.Request {
	r, _ := http.NewRequest(http.MethodGet, "/", nil)
	if len(certs) > 0 {
		r.TLS = &tls.ConnectionState{PeerCertificates: certs}
	}
	return r
}

// counting counts how often certificates are verified.
type counting struct {
	authenticator.Request
	calls  int
	broken bool
}

func (c *counting) AuthenticateRequest(r *http.Request) (*authenticator.Response, bool, error) {
	c.calls++
	if c.broken {
		return nil, false, errors.New("expired")
	}
	return c.Request.AuthenticateRequest(r)
}

// replaceable is an authority that can become another.
type replaceable struct {
	dynamiccertificates.CAContentProvider
}

func TestCertificatesAreVerifiedOnce(t *testing.T) {
	ca, admin := authority(t)
	other, _ := authority(t)
	current := &replaceable{ca}
	r := ClientCertificate(current).(*remembering)
	verify := &counting{Request: r.verify}
	r.verify = verify
	now := time.Now()
	r.now = func() time.Time { return now }

	for range 3 {
		got, ok, err := r.AuthenticateRequest(showing(admin))
		if err != nil || !ok || got.User.GetGroups()[0] != "system:masters" {
			t.Fatalf("got %v, %v, %v", got, ok, err)
		}
	}
	if verify.calls != 1 {
		t.Errorf("verified %d times", verify.calls)
	}

	// What is remembered ends with the certificate, and is not asked for afterwards.
	now = admin.NotAfter.Add(time.Second)
	verify.broken = true
	if _, ok, err := r.AuthenticateRequest(showing(admin)); ok || err == nil {
		t.Errorf("an expired certificate: %v, %v", ok, err)
	}
	now, verify.broken = time.Now(), false

	// A reloaded authority knows nothing of what the old one signed.
	current.CAContentProvider = other
	if _, ok, err := r.AuthenticateRequest(showing(admin)); ok || err == nil {
		t.Errorf("another authority: %v, %v", ok, err)
	}
}

func TestNoCertificateIsLeftToOthers(t *testing.T) {
	ca, _ := authority(t)
	if _, ok, err := ClientCertificate(ca).AuthenticateRequest(showing()); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestStrangersAreRefusedAndForgotten(t *testing.T) {
	ca, _ := authority(t)
	_, stranger := authority(t)
	r := ClientCertificate(ca).(*remembering)
	for range 2 {
		if _, ok, err := r.AuthenticateRequest(showing(stranger)); ok || err == nil {
			t.Errorf("got %v, %v", ok, err)
		}
	}
	if len(r.known) != 0 {
		t.Errorf("%d are remembered", len(r.known))
	}
}
