package authorization

import (
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
)

// Admins lets the members of the group system:masters do everything. It has no opinion about anybody else, who can do
// nothing, then, unless another authorizer says so.
func Admins() authorizer.Authorizer {
	return authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)
}
