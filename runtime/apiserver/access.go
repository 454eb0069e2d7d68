package apiserver

import (
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	requestunion "k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	authorizerunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"

	"github.com/kubecraft/kubecraft/runtime/authentication"
	"github.com/kubecraft/kubecraft/runtime/authorization"
)

// newAuthenticator knows clients by their certificates: the common name is the user, organizations are groups. There
// is no anonymous user.
func newAuthenticator(ca dynamiccertificates.CAContentProvider, others []authenticator.Request) authenticator.Request {
	all := append([]authenticator.Request{authentication.ClientCertificate(ca)}, others...)
	return group.NewAuthenticatedGroupAdder(requestunion.New(all...))
}

// newAuthorizer lets the administrators' group do everything, then asks the others in order. Where there may be others than
// administrators, everybody who is known may do what he may in every cluster.
func newAuthorizer(others []authorizerunion.NamedAuthorizer, strangers bool) (authorizer.Authorizer, error) {
	named := []authorizerunion.NamedAuthorizer{{
		Authorizer:     authorization.Admins(),
		AuthorizerName: "system-masters",
	}}
	named = append(named, others...)
	if strangers {
		named = append(named, authorizerunion.NamedAuthorizer{Authorizer: authorization.Basic(), AuthorizerName: "basic"})
	}
	return authorizerunion.New(named...)
}
