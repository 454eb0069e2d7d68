package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// AdminGroup is the group that the administrator's certificate names. Upstream's authorizers let it do everything.
const AdminGroup = "system:masters"

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 365 * 24 * time.Hour
	// Certificates are renewed when less than this is left, so that a server started today outlives the month.
	renewBefore = 30 * 24 * time.Hour
)

// Options say what the certificates are for.
type Options struct {
	// Hosts are names and addresses that the server is reached by, beside localhost, 127.0.0.1 and ::1.
	Hosts []string
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Bundle holds PEM blocks.
type Bundle struct {
	CA                      []byte
	ServingCert, ServingKey []byte
	AdminCert, AdminKey     []byte
}

// Ensure returns the certificates in dir. It makes those that are missing, and renews those that expire within 30 days
// or do not cover the hosts. The authority is never replaced while it is valid, so that kubeconfigs stay valid. The
// folder gets mode 0700 and keys 0600. A key without its certificate, a pair that does not match and a certificate of
// another authority are errors that name the files.
func Ensure(dir string, o Options) (*Bundle, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder for certificates: %w", err)
	}
	authority, err := ensureAuthority(dir, o.Now())
	if err != nil {
		return nil, err
	}
	names, addresses := []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback}
	for _, host := range o.Hosts {
		if ip := net.ParseIP(host); ip == nil {
			names = append(names, host)
		} else if !slices.ContainsFunc(addresses, ip.Equal) {
			addresses = append(addresses, ip)
		}
	}
	serving, err := ensureLeaf(dir, "apiserver", authority, o.Now(), servingTemplate(names, addresses))
	if err != nil {
		return nil, err
	}
	admin, err := ensureLeaf(dir, "admin", authority, o.Now(), adminTemplate())
	if err != nil {
		return nil, err
	}
	return &Bundle{
		CA:          authority.certPEM,
		ServingCert: serving.certPEM, ServingKey: serving.keyPEM,
		AdminCert: admin.certPEM, AdminKey: admin.keyPEM,
	}, nil
}

func ensureAuthority(dir string, now time.Time) (*pair, error) {
	found, err := readPair(dir, "ca")
	if err != nil {
		return nil, err
	}
	if found != nil {
		if !found.cert.IsCA {
			return nil, fmt.Errorf("%s: not a certificate authority; delete the folder %s to have new certificates made", filepath.Join(dir, "ca.crt"), dir)
		}
		if now.Add(renewBefore).Before(found.cert.NotAfter) && !now.Before(found.cert.NotBefore) {
			return found, nil
		}
	}
	made, err := sign(authorityTemplate(), nil, now, authorityLifetime)
	if err != nil {
		return nil, err
	}
	return made, made.write(dir, "ca")
}

func ensureLeaf(dir, name string, authority *pair, now time.Time, template *x509.Certificate) (*pair, error) {
	found, err := readPair(dir, name)
	if err != nil {
		return nil, err
	}
	if found != nil {
		expired := !now.Add(renewBefore).Before(found.cert.NotAfter) || now.Before(found.cert.NotBefore)
		if err := found.cert.CheckSignatureFrom(authority.cert); err != nil && !expired {
			if authority.cert.NotBefore.After(found.cert.NotBefore) {
				expired = true // the authority was renewed after it
			} else {
				return nil, fmt.Errorf("%s was not signed by %s; delete the folder %s to have new certificates made",
					filepath.Join(dir, name+".crt"), filepath.Join(dir, "ca.crt"), dir)
			}
		}
		if !expired && covers(found.cert, template) {
			return found, nil
		}
	}
	made, err := sign(template, authority, now, leafLifetime)
	if err != nil {
		return nil, err
	}
	return made, made.write(dir, name)
}

// covers reports whether have names all that want does.
func covers(have, want *x509.Certificate) bool {
	for _, name := range want.DNSNames {
		if !slices.Contains(have.DNSNames, name) {
			return false
		}
	}
	for _, ip := range want.IPAddresses {
		if !slices.ContainsFunc(have.IPAddresses, ip.Equal) {
			return false
		}
	}
	return true
}

// readPair returns nil if neither of the files is there.
func readPair(dir, name string) (*pair, error) {
	certFile, keyFile := filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	certPEM, certErr := os.ReadFile(certFile)
	keyPEM, keyErr := os.ReadFile(keyFile)
	if errors.Is(certErr, fs.ErrNotExist) && errors.Is(keyErr, fs.ErrNotExist) {
		return nil, nil
	}
	for _, failure := range []struct {
		err         error
		file, other string
	}{{certErr, certFile, keyFile}, {keyErr, keyFile, certFile}} {
		if errors.Is(failure.err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is there but %s is missing; put it back, or delete the folder %s to have new certificates made", failure.other, failure.file, dir)
		}
		if failure.err != nil {
			return nil, fmt.Errorf("cannot read a certificate: %w; make it readable, or delete the folder %s to have new certificates made", failure.err, dir)
		}
	}
	found, err := parsePair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w; delete the folder %s to have new certificates made", certFile, keyFile, err, dir)
	}
	return found, restrict(keyFile)
}

// restrict takes a key away from everybody but its owner.
func restrict(file string) error {
	if runtime.GOOS == "windows" {
		return nil // access follows the folder's there
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return fmt.Errorf("others can read a private key: %w", err)
	}
	return nil
}
