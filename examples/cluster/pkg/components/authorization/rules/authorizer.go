// Package rules is an authorizer: rules in a file say who may do what.
package rules

import (
	"context"
	_ "embed"

	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
)

// Name is the authorizer's, in what is said to users who may not do something, and that of its part: serve --without rules leaves it
// out, --rules-config FILE gives it other rules.
const Name = "rules"

// rules are those that hold where the file is not.
//
//go:embed rules.yaml
var rules []byte

// Authorizer is the part that asks it: after the group system:masters, which may do everything, and before roles.
func Authorizer() controlplane.Part {
	return extension.Authorizer(extension.Options{Name: Name, File: "pkg/components/authorization/rules/rules.yaml", Config: rules}, newAuthorizer)
}

// newAuthorizer is called at the start and when the file has changed. What it returned before holds if it returns an error.
func newAuthorizer(_ context.Context, file extension.File) (authorizer.UnconditionalAuthorizer, error) {
	return parse(file)
}
