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

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/klog/v2"
)

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

	write func(p *pair, dir, name string) error // (*pair).write but in tests of its faults
}

// Bundle holds PEM blocks.
type Bundle struct {
	CA                      []byte
	ServingCert, ServingKey []byte
	AdminCert, AdminKey     []byte
}

// Ensure returns the certificates in dir. It makes those that are missing, and renews those that expire within 30 days
// or do not cover the hosts. The authority is never replaced while it is valid, so that kubeconfigs stay valid. The
// folder, if it is made, gets mode 0700, and keys 0600. A damaged pair is made anew, with a warning, but for the
// authority's: that, and a certificate of another authority, are errors that name the files. A renewal that cannot be
// written is a warning for as long as the old certificate is good.
func Ensure(dir string, o Options) (*Bundle, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.write == nil {
		o.write = (*pair).write
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder %s for certificates: %w; name another with --pki", dir, cause(err))
	}
	f := folder{dir: dir, now: o.Now(), writePair: o.write}
	authority, err := f.ensureAuthority("ca")
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
	serving, err := f.ensureLeaf("apiserver", authority, servingTemplate(names, addresses))
	if err != nil {
		return nil, err
	}
	admin, err := f.ensureLeaf("admin", authority, clientTemplate("kubernetes-admin", user.SystemPrivilegedGroup))
	if err != nil {
		return nil, err
	}
	return &Bundle{
		CA:          authority.certPEM,
		ServingCert: serving.certPEM, ServingKey: serving.keyPEM,
		AdminCert: admin.certPEM, AdminKey: admin.keyPEM,
	}, nil
}

// EnsureUser returns a bundle that has a user's certificate and key in place of the administrator's: those of dir, made or
// renewed as Ensure does it. Ensure has been called before.
func EnsureUser(dir string, o Options, b *Bundle, name string) (*Bundle, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := folder{dir: dir, now: o.Now(), writePair: (*pair).write}
	authority, err := f.ensureAuthority("ca")
	if err != nil {
		return nil, err
	}
	leaf, err := f.ensureLeaf(name, authority, clientTemplate(name))
	if err != nil {
		return nil, err
	}
	users := *b
	users.AdminCert, users.AdminKey = leaf.certPEM, leaf.keyPEM
	return &users, nil
}

// NewClient makes a client certificate for somebody, signed by the authority in dir, and its key, both as PEM. They last as long
// as those of Ensure, which has been called before, and are not kept.
func NewClient(dir string, now time.Time, name string, groups ...string) (cert, key []byte, err error) {
	authority, err := folder{dir: dir, now: now, writePair: (*pair).write}.ensureAuthority("ca")
	if err != nil {
		return nil, nil, err
	}
	made, err := sign(clientTemplate(name, groups...), authority, now, leafLifetime)
	if err != nil {
		return nil, nil, err
	}
	return made.certPEM, made.keyPEM, nil
}

// folder is a folder of pairs, at a time.
type folder struct {
	dir       string
	now       time.Time
	writePair func(p *pair, dir, name string) error
}

func (f folder) ensureAuthority(name string) (*pair, error) {
	found, err := readPair(f.dir, name)
	var damaged *damagedError
	if errors.As(err, &damaged) {
		return nil, fmt.Errorf("%w; put it back, or delete the folder %s to have new certificates made", err, f.dir)
	} else if err != nil {
		return nil, err
	}
	if found != nil {
		found.name = name
		if !found.cert.IsCA {
			return nil, fmt.Errorf("%s: not a certificate authority; delete the folder %s to have new certificates made", filepath.Join(f.dir, name+".crt"), f.dir)
		}
		if f.lasts(found) {
			return found, nil
		}
	}
	made, err := sign(authorityTemplate(), nil, f.now, authorityLifetime)
	if err != nil {
		return nil, err
	}
	made.name = name
	return f.replace(name, found, made)
}

func (f folder) ensureLeaf(name string, authority *pair, template *x509.Certificate) (*pair, error) {
	found, err := readPair(f.dir, name)
	var damaged *damagedError
	if errors.As(err, &damaged) {
		klog.Warningf("%v; a new pair is made", err)
	} else if err != nil {
		return nil, err
	}
	if found != nil {
		switch err := found.cert.CheckSignatureFrom(authority.cert); {
		case err == nil && !covers(found.cert, template):
			found = nil
		case err == nil && f.lasts(found):
			return found, nil
		case err != nil && f.lasts(found) && !authority.cert.NotBefore.After(found.cert.NotBefore):
			// Not one that is older than the authority, which was renewed after it: it may be somebody's own.
			cert, key := filepath.Join(f.dir, name+".crt"), filepath.Join(f.dir, name+".key")
			return nil, fmt.Errorf("%s was not signed by %s; delete %s and %s to have new ones made", cert, filepath.Join(f.dir, authority.name+".crt"), cert, key)
		case err != nil:
			found = nil
		}
	}
	made, err := sign(template, authority, f.now, leafLifetime)
	if err != nil {
		return nil, err
	}
	return f.replace(name, found, made)
}

// lasts says whether a certificate is good for longer than the time of its renewal.
func (f folder) lasts(p *pair) bool {
	return !f.now.Before(p.cert.NotBefore) && f.now.Add(renewBefore).Before(p.cert.NotAfter)
}

// replace writes made. It returns old, which may be nil, if that fails and old is still good.
func (f folder) replace(name string, old, made *pair) (*pair, error) {
	err := f.writePair(made, f.dir, name)
	if err == nil {
		return made, nil
	}
	if old == nil || f.now.Before(old.cert.NotBefore) || f.now.After(old.cert.NotAfter) {
		return nil, err
	}
	klog.Warningf("%s expires on %s and is not renewed: %v", filepath.Join(f.dir, name+".crt"), old.cert.NotAfter.Format(time.DateOnly), err)
	return old, nil
}

// covers reports whether have is of the same name as want, and has all of its hosts.
func covers(have, want *x509.Certificate) bool {
	if have.Subject.CommonName != want.Subject.CommonName {
		return false
	}
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

// damagedError says that the files of a pair are no pair.
type damagedError struct{ what string }

func (e *damagedError) Error() string { return e.what }

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
			return nil, &damagedError{fmt.Sprintf("%s is there but %s is missing", failure.other, failure.file)}
		}
		if failure.err != nil {
			return nil, fmt.Errorf("cannot read a certificate: %w; make it readable, or delete the folder %s to have new certificates made", failure.err, dir)
		}
	}
	found, err := parsePair(certPEM, keyPEM)
	if err != nil {
		return nil, &damagedError{fmt.Sprintf("%s and %s are damaged: %v", certFile, keyFile, err)}
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
