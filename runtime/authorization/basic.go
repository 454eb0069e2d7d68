package authorization

import (
	"context"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// Basic lets everybody who is known look at what is served, and ask who he is and what he may do: what the roles system:discovery and
// system:basic-user are for in a cluster (k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy). It has no opinion
// about anything else.
func Basic() authorizer.Authorizer { return authorizer.AuthorizerFunc(basic) }

func basic(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if who := a.GetUser(); who == nil || !slices.Contains(who.GetGroups(), user.AllAuthenticated) {
		return authorizer.DecisionNoOpinion, "", nil
	}
	if a.IsResourceRequest() && a.GetVerb() == "create" && isReviewOfSelf(a.GetAPIGroup(), a.GetResource()) ||
		!a.IsResourceRequest() && a.GetVerb() == "get" && isDiscovery(a.GetPath()) {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func isReviewOfSelf(group, resource string) bool {
	return group == "authorization.k8s.io" && resource == "selfsubjectaccessreviews" ||
		group == "authentication.k8s.io" && resource == "selfsubjectreviews"
}

func isDiscovery(path string) bool {
	for _, of := range []string{"/api", "/apis", "/openapi", "/healthz", "/livez", "/readyz", "/version"} {
		if path == of || strings.HasPrefix(path, of+"/") {
			return true
		}
	}
	return false
}
