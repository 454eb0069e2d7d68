// Package sso is an authenticator: users are known by the ID tokens of OpenID Connect issuers.
package sso

import (
	"context"
	_ "embed"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/token/union"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
)

// Name is the authenticator's, and that of its part: serve --without sso leaves it out, --sso-config FILE gives it another
// configuration.
const Name = "sso"

// config is what holds where the file is not.
//
//go:embed config.yaml
var config []byte

// Authenticator is the part that asks it.
func Authenticator() controlplane.Part {
	return extension.TokenAuthenticator(extension.Options{Name: Name, File: "pkg/components/authentication/sso/config.yaml", Config: config}, newAuthenticator)
}

// newAuthenticator is called at the start and when the file has changed; what it returned before holds if it returns an error. Until
// ctx ends, the issuers' keys are asked for in the background: there need not be an issuer for the server to start.
func newAuthenticator(ctx context.Context, file extension.File) (authenticator.Token, error) {
	read, err := decode(file)
	if err != nil {
		return nil, err
	}
	var issuers []authenticator.Token
	for i, jwt := range read.JWT {
		options := oidc.Options{JWTAuthenticator: jwt, SupportedSigningAlgs: oidc.AllValidSigningAlgorithms()}
		if authority := jwt.Issuer.CertificateAuthority; authority != "" {
			if options.CAContentProvider, err = dynamiccertificates.NewStaticCAContent(Name, []byte(authority)); err != nil {
				return nil, fmt.Errorf("%s: jwt[%d].issuer.certificateAuthority: %w", file.Name, i, err)
			}
		}
		issuer, err := oidc.New(ctx, options)
		if err != nil {
			return nil, fmt.Errorf("%s: jwt[%d]: %w", file.Name, i, err)
		}
		issuers = append(issuers, issuer)
	}
	return union.New(issuers...), nil
}

// decode reads an AuthenticationConfiguration, as kube-apiserver does from --authentication-config.
func decode(file extension.File) (*apiserver.AuthenticationConfiguration, error) {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	object, kind, err := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder().Decode(file.Content, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	read, ok := object.(*apiserver.AuthenticationConfiguration)
	if !ok {
		return nil, fmt.Errorf("%s: is of kind %s, not an AuthenticationConfiguration", file.Name, kind.Kind)
	}
	return read, nil
}
