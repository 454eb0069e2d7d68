package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func authorizerVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Authorizer(), example: "rules",
		short: "Add an authorizer of your own: rules in a file, which allow and deny",
		long: `Add an authorizer of your own to the project's control plane: in Go, compiled in, asked after the group system:masters and before the roles
of the whole built-in API. It allows, denies or leaves a request to the next one; if it fails, panics or hangs, the request is denied.

pkg/components/authorization/NAME gets one that works, with rules in a file that is read again when it changes, and its test; main.go gets
a line. Who is denied is told by which rule, and kubectl auth can-i says the same.

serve takes --NAME-config FILE and --without NAME then.`,
		examples: `  kubecraft add authorizer rules
  kubecraft add authorizer rules --dry-run`,
	}
}
