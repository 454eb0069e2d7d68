package kubernetes

import (
	"net/http"

	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	requestunion "k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	authorizerunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"

	"github.com/kubecraft/kubecraft/runtime/authentication"
	"github.com/kubecraft/kubecraft/runtime/authorization"
)

// newAuthenticator asks for client certificates, verified once each, then the project's own authenticators, then upstream's.
// With health, those who do not say who they are may ask for a server's health, and nothing else.
func newAuthenticator(upstream authenticator.Request, ca dynamiccertificates.CAContentProvider, others []authenticator.Request, health bool) authenticator.Request {
	all := []authenticator.Request{notProxied{group.NewAuthenticatedGroupAdder(authentication.ClientCertificate(ca))}}
	for _, other := range others {
		all = append(all, group.NewAuthenticatedGroupAdder(other))
	}
	all = append(all, upstream)
	if !health {
		return requestunion.New(all...)
	}
	return requestunion.NewFailOnError(
		requestunion.New(all...),
		anonymous.NewAuthenticator([]apiserver.AnonymousAuthCondition{{Path: "/livez"}, {Path: "/readyz"}, {Path: "/healthz"}}),
	)
}

// newAuthorizer lets the administrators' group do everything, then asks those of the project in order, then upstream's: what a
// project's denies no role allows.
func newAuthorizer(upstream authorizer.Authorizer, others []authorizerunion.NamedAuthorizer) (authorizer.Authorizer, error) {
	if len(others) == 0 {
		return upstream, nil
	}
	named := []authorizerunion.NamedAuthorizer{{Authorizer: authorization.Admins(), AuthorizerName: "system-masters"}}
	named = append(named, others...)
	return authorizerunion.New(append(named, authorizerunion.NamedAuthorizer{Authorizer: upstream, AuthorizerName: "kube-apiserver"})...)
}

// notProxied leaves requests of a front proxy, whose certificate is not the user's, to others.
type notProxied struct{ authenticator.Request }

// AuthenticateRequest implements authenticator.Request.
func (n notProxied) AuthenticateRequest(req *http.Request) (*authenticator.Response, bool, error) {
	if req.TLS == nil || len(req.TLS.PeerCertificates) == 0 || req.Header.Get("X-Remote-User") != "" {
		return nil, false, nil
	}
	return n.Request.AuthenticateRequest(req)
}
