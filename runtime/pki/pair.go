package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"time"
)

// pair is a certificate with its key. Keys made here are ECDSA P-256: an RSA key takes 70 ms to make, which a first
// start would wait for several times.
type pair struct {
	name            string // of an authority: that of its files
	cert            *x509.Certificate
	key             crypto.Signer
	certPEM, keyPEM []byte
}

func authorityTemplate() *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: "kubecraft"},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

func servingTemplate(names []string, addresses []net.IP) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    names,
		IPAddresses: addresses,
	}
}

func clientTemplate(name string, groups ...string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name, Organization: groups},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// SelfSigned makes a key and a certificate of it, signed by itself, both as PEM.
func SelfSigned(template *x509.Certificate, lifetime time.Duration) (cert, key []byte, err error) {
	made, err := sign(template, nil, time.Now(), lifetime)
	if err != nil {
		return nil, nil, err
	}
	return made.certPEM, made.keyPEM, nil
}

// sign makes a key and its certificate, signed by the authority or, without one, by itself.
func sign(template *x509.Certificate, authority *pair, now time.Time, lifetime time.Duration) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	// A minute back, for clients whose clock is a little behind.
	template.NotBefore, template.NotAfter = now.Add(-time.Minute), now.Add(lifetime)
	parent, signer := template, crypto.Signer(key)
	if authority != nil {
		parent, signer = authority.cert, authority.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &pair{
		cert: cert, key: key,
		certPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		keyPEM:  pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}),
	}, nil
}

func parsePair(certPEM, keyPEM []byte) (*pair, error) {
	both, err := tls.X509KeyPair(certPEM, keyPEM) // checks that they belong together
	if err != nil {
		return nil, err
	}
	key, ok := both.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", both.PrivateKey)
	}
	cert, err := x509.ParseCertificate(both.Certificate[0])
	if err != nil {
		return nil, err
	}
	return &pair{cert: cert, key: key, certPEM: certPEM, keyPEM: keyPEM}, nil
}

// write replaces both files, or neither: both are on disk under other names before the first takes its place.
func (p *pair) write(dir, name string) error {
	key, err := prepare(filepath.Join(dir, name+".key"), p.keyPEM, 0o600)
	if err != nil {
		return err
	}
	defer key.discard()
	cert, err := prepare(filepath.Join(dir, name+".crt"), p.certPEM, 0o644)
	if err != nil {
		return err
	}
	defer cert.discard()
	if err := key.commit(); err != nil {
		return err
	}
	return cert.commit()
}
