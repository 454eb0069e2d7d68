package kubernetes

import (
	"fmt"
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

// newAuthorizer asks upstream's, then those of the project in order.
func newAuthorizer(upstream authorizer.Authorizer, others []authorizer.Authorizer) (authorizer.Authorizer, error) {
	if len(others) == 0 {
		return upstream, nil
	}
	named := []authorizerunion.NamedAuthorizer{{Authorizer: upstream, AuthorizerName: "kube-apiserver"}}
	for i, other := range others {
		named = append(named, authorizerunion.NamedAuthorizer{Authorizer: other, AuthorizerName: fmt.Sprintf("authorizer-%d", i+1)})
	}
	return authorizerunion.New(named...)
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
