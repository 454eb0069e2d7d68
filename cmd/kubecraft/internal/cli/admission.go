package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func admissionVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Admission(), example: "owners",
		short: "Add an admission plugin of your own: it changes and checks what is written",
		long: `Add an admission plugin of your own to the project's control plane: in Go, compiled in. It changes objects before they are stored, and checks
them when all plugins have. It is for objects of all types, those of the built-in API too, or with --for for one of the project's, in its
Go type; with the whole built-in API it comes after kube-apiserver's own plugins and before policies and webhooks. If it panics or hangs,
the request is refused.

pkg/components/admission/NAME gets one that works: it notes whose an object is, and lets few change that. Its configuration is a type of its
own, in a file that is read again when it changes, and it has a test; main.go gets a line. Plugins are asked in the order of main.go.

serve takes --NAME-config FILE and --without NAME then.`,
		examples: `  kubecraft add admission owners
  kubecraft add admission bar-owners --for example/v1/Bar --dry-run`,
		form: "for", formUsage: "the type that it is for, as GROUP/VERSION/KIND or \"GROUP/VERSION KIND\" (default: all)",
		readForm: typeForm,
	}
}
