package authentication

import (
	"crypto/x509"
	"net/http"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
)

// maxRemembered bounds how many certificates are known at once. A client that shows ever new ones must not fill the memory.
const maxRemembered = 1024

// ClientCertificate authenticates by the certificate that the client showed when it connected: its common name is the
// user, its organizations are the groups, as in every Kubernetes cluster. A request without one is left to other
// authenticators; one with a certificate that ca did not sign, or that is not valid now, is refused.
//
// Upstream verifies the signatures anew for each request, a tenth of the CPU time of a small write. TLS has proved that
// the client holds the key, and signatures do not change: here each certificate is verified once, and afterwards
// only its validity is looked at.
func ClientCertificate(ca dynamiccertificates.CAContentProvider) authenticator.Request {
	verify := x509request.NewDynamic(ca.VerifyOptions, x509request.CommonNameUserConversion)
	return &remembering{ca: ca, verify: verify, now: time.Now, known: map[string]verified{}}
}

// remembering answers from memory for certificates that verify has accepted.
type remembering struct {
	ca     dynamiccertificates.CAContentProvider
	verify authenticator.Request
	now    func() time.Time

	mu     sync.RWMutex
	bundle string // the authorities that known was verified with
	known  map[string]verified
}

type verified struct {
	response *authenticator.Response
	expires  time.Time
}

// AuthenticateRequest implements authenticator.Request.
func (r *remembering) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	if req.TLS == nil || len(req.TLS.PeerCertificates) != 1 {
		// With intermediates, validity depends on more than one certificate.
		return r.verify.AuthenticateRequest(req)
	}
	cert := req.TLS.PeerCertificates[0]
	bundle := r.ca.CurrentCABundleContent()

	r.mu.RLock()
	entry, ok := r.known[string(cert.Raw)]
	ok = ok && r.bundle == string(bundle)
	r.mu.RUnlock()
	if ok && r.now().Before(entry.expires) {
		return entry.response, true, nil
	}

	response, ok, err := r.verify.AuthenticateRequest(req)
	if err != nil || !ok {
		return response, ok, err
	}
	r.remember(cert, bundle, response)
	return response, true, nil
}

func (r *remembering) remember(cert *x509.Certificate, bundle []byte, response *authenticator.Response) {
	expires := cert.NotAfter
	// An authority may expire before what it signed.
	if options, ok := r.ca.VerifyOptions(); ok {
		chains, err := cert.Verify(options)
		if err != nil {
			return
		}
		for _, c := range chains[0] {
			if c.NotAfter.Before(expires) {
				expires = c.NotAfter
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bundle != string(bundle) || len(r.known) >= maxRemembered {
		r.bundle = string(bundle)
		clear(r.known)
	}
	r.known[string(cert.Raw)] = verified{response: response, expires: expires}
}
