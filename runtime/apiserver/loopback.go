package apiserver

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"github.com/google/uuid"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/pki"
)

// LoopbackLifetime is upstream's: a server that runs longer needs a restart.
const LoopbackLifetime = (3*365 + 1) * 24 * time.Hour

// AddLoopback makes the certificate and the token of the server's privileged client of itself. It does what
// SecureServingOptionsWithLoopback of k8s.io/apiserver/pkg/server/options does, with an ECDSA key: upstream makes two
// RSA keys for it, 140 ms of a start.
func AddLoopback(serving *genericapiserver.SecureServingInfo) (*rest.Config, error) {
	cert, key, err := pki.SelfSigned(&x509.Certificate{
		Subject:               pkix.Name{CommonName: genericapiserver.LoopbackClientServerNameOverride},
		DNSNames:              []string{genericapiserver.LoopbackClientServerNameOverride},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}, LoopbackLifetime)
	if err != nil {
		return nil, err
	}
	provider, err := dynamiccertificates.NewStaticSNICertKeyContent("loopback", cert, key, genericapiserver.LoopbackClientServerNameOverride)
	if err != nil {
		return nil, err
	}
	serving.SNICerts = append([]dynamiccertificates.SNICertKeyContentProvider{provider}, serving.SNICerts...)
	return serving.NewLoopbackClientConfig(uuid.NewString(), cert)
}
