package apiserver

import (
	"crypto/x509"
	"fmt"
	"sync"

	"k8s.io/apiserver/pkg/server/dynamiccertificates"
)

// certificates are the server's own pair and the authority of its clients. They may change while the server runs.
type certificates struct {
	mu        sync.RWMutex
	serving   dynamiccertificates.CertKeyContentProvider
	ca        dynamiccertificates.CAContentProvider
	listeners []dynamiccertificates.Listener
}

var (
	_ dynamiccertificates.CertKeyContentProvider = &certificates{}
	_ dynamiccertificates.CAContentProvider      = &certificates{}
)

// set replaces what there is, by PEM, and tells those who listen.
func (c *certificates) set(cert, key, clientCA []byte) error {
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
func (*certificates) Name() string { return "certificates" }

// AddListener implements the providers.
func (c *certificates) AddListener(l dynamiccertificates.Listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, l)
}

// CurrentCertKeyContent implements dynamiccertificates.CertKeyContentProvider.
func (c *certificates) CurrentCertKeyContent() (cert, key []byte) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.serving.CurrentCertKeyContent()
}

// CurrentCABundleContent implements dynamiccertificates.CAContentProvider.
func (c *certificates) CurrentCABundleContent() []byte {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ca.CurrentCABundleContent()
}

// VerifyOptions implements dynamiccertificates.CAContentProvider.
func (c *certificates) VerifyOptions() (x509.VerifyOptions, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ca.VerifyOptions()
}
