package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/util/keyutil"
)

// Builtin are the files that the built-in API needs beside those of Ensure, named as kubeadm names them.
type Builtin struct {
	// ServiceAccountKey signs the tokens of service accounts.
	ServiceAccountKey string
	// CA and CAKey are Ensure's authority, which signs the certificates that users ask for.
	CA, CAKey string
	// FrontProxyCA signs FrontProxyCert, by which servers that the API is aggregated from know it.
	FrontProxyCA, FrontProxyCert, FrontProxyKey string
}

// EnsureBuiltin makes the files that are missing in dir, and renews the certificates that expire within 30 days. It
// treats certificates as Ensure does. The key of service accounts stays: without it their tokens are void.
func EnsureBuiltin(dir string, now time.Time) (*Builtin, error) {
	b := &Builtin{
		ServiceAccountKey: filepath.Join(dir, "sa.key"),
		CA:                filepath.Join(dir, "ca.crt"),
		CAKey:             filepath.Join(dir, "ca.key"),
		FrontProxyCA:      filepath.Join(dir, "front-proxy-ca.crt"),
		FrontProxyCert:    filepath.Join(dir, "front-proxy-client.crt"),
		FrontProxyKey:     filepath.Join(dir, "front-proxy-client.key"),
	}
	if err := ensureKey(b.ServiceAccountKey); err != nil {
		return nil, err
	}
	f := folder{dir: dir, now: now, writePair: (*pair).write}
	authority, err := f.ensureAuthority("front-proxy-ca")
	if err != nil {
		return nil, err
	}
	_, err = f.ensureLeaf("front-proxy-client", authority, clientTemplate("front-proxy-client"))
	return b, err
}

// ensureKey makes a private key, PEM, if there is none.
func ensureKey(file string) error {
	content, err := os.ReadFile(file)
	switch {
	case err == nil:
		key, err := keyutil.ParsePrivateKeyPEM(content)
		if _, ok := key.(crypto.Signer); err != nil || !ok {
			return fmt.Errorf("%s is not a private key; put the right one back, or delete it to have a new one made: tokens of service accounts that are about are void then", file)
		}
		return restrict(file)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("cannot read the key of service accounts %s: %w", file, cause(err))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(file, pem.EncodeToMemory(&pem.Block{Type: keyutil.ECPrivateKeyBlockType, Bytes: der}), 0o600)
}
