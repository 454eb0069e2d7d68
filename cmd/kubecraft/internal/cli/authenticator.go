package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func authenticatorVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Authenticator(), example: "tokens",
		short: "Add an authenticator of your own: tokens whose hashes are in a file, or an OpenID Connect issuer's",
		long: `Add an authenticator of your own to the project's control plane: in Go, compiled in, asked after client certificates, and before those of
the whole built-in API. It may fail, panic or hang, and lets nobody in then.

pkg/components/authentication/NAME gets one that works, made from a file that is read again when it changes, and its test; main.go gets a
line. There are two to begin with:

  --example token-file   users, groups and bcrypt hashes, in pki/NAME; newtoken.go in the package gives a user a token
  --example oidc         ID tokens of issuers, in an AuthenticationConfiguration as of kube-apiserver; its test runs an issuer

serve takes --NAME-config FILE and --without NAME then, and kubectl auth whoami says who a token is.`,
		examples: `  kubecraft add authenticator tokens
  kubecraft add authenticator sso --example oidc --dry-run`,
		form: "example", formUsage: "what to begin with, token-file or oidc (default token-file)",
	}
}
