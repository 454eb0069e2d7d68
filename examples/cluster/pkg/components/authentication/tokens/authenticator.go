// Package tokens is an authenticator: users are known by bearer tokens, of which a file has the hashes.
package tokens

import (
	"context"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/extension"
)

// Name is the authenticator's, and that of its part: serve --without tokens leaves it out, --tokens-config FILE gives it another file.
const Name = "tokens"

// file has a line for each user, as users.go reads them. In this folder git ignores it.
const file = "pki/tokens"

// remembered is how long a token that was good is not compared again, which takes a tenth of a second: hashes are made to be slow. A
// file that has changed forgets.
const remembered = 5 * time.Minute

// Authenticator is the part that asks it.
func Authenticator() controlplane.Part {
	return extension.TokenAuthenticator(extension.Options{Name: Name, File: file, Secret: true, Remember: remembered}, newAuthenticator)
}

// newAuthenticator is called at the start and when the file has changed. What it returned before holds if it returns an error.
func newAuthenticator(_ context.Context, file extension.File) (authenticator.Token, error) {
	return parse(file)
}
