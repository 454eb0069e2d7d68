package apiserver

import (
	"crypto/x509"
	"fmt"
	"sync"

	"k8s.io/apiserver/pkg/server/dynamiccertificates"
)

// Certificates are a server's own pair and the authority of its clients. They may change while the server runs.
type Certificates struct {
	mu        sync.RWMutex
	serving   dynamiccertificates.CertKeyContentProvider
	ca        dynamiccertificates.CAContentProvider
	listeners []dynamiccertificates.Listener
}

var (
	_ dynamiccertificates.CertKeyContentProvider = &Certificates{}
	_ dynamiccertificates.CAContentProvider      = &Certificates{}
)

// NewCertificates returns a server's certificates, by PEM.
func NewCertificates(cert, key, clientCA []byte) (*Certificates, error) {
	c := &Certificates{}
	return c, c.Set(cert, key, clientCA)
}

// Set replaces what there is, by PEM, and tells those who listen.
func (c *Certificates) Set(cert, key, clientCA []byte) error {
	serving, err := dynamiccertificates.NewStaticCertKeyContent("serving", cert, key)
	if err != nil {
		return fmt.Errorf("serving certificate: %w", err)
	}
	ca, err := dynamiccertificates.NewStaticCAContent("client-ca", clientCA)
	if err != nil {
		return fmt.Errorf("client certificate authority: %w", err)
	}
	c.mu.Lock()
	c.serving, c.ca = serving, ca
	listeners := c.listeners
	c.mu.Unlock()
	for _, l := range listeners {
		l.Enqueue()
	}
	return nil
}

// Name implements the providers.
func (*Certificates) Name() string { return "certificates" }

// AddListener implements the providers.
func (c *Certificates) AddListener(l dynamiccertificates.Listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, l)
}

// CurrentCertKeyContent implements dynamiccertificates.CertKeyContentProvider.
func (c *Certificates) CurrentCertKeyContent() (cert, key []byte) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.serving.CurrentCertKeyContent()
}

// CurrentCABundleContent implements dynamiccertificates.CAContentProvider.
func (c *Certificates) CurrentCABundleContent() []byte {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ca.CurrentCABundleContent()
}

// VerifyOptions implements dynamiccertificates.CAContentProvider.
func (c *Certificates) VerifyOptions() (x509.VerifyOptions, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ca.VerifyOptions()
}
