package cli

import "github.com/kubecraft/kubecraft/generator/scaffold"

func controllerVerbs() componentVerbs {
	return componentVerbs{
		kind: scaffold.Controller(), example: "barkeeper",
		short: "Add a controller of your own for a type: what is to be true of its objects, kept true",
		long: `Add a controller of your own for a type of the project's: client-go code over the generated clientset, informers and listers. It runs
in the server's process, or in several: one leads, by a lease.

pkg/components/controller/NAME gets the wiring (controller.go), what the controller makes true (reconcile.go): a ConfigMap for each
object, repaired when somebody changes it, removed by a finalizer, with events and the condition Ready; and a test with a server in it.
main.go gets a line. The status of the type gets the field conditions if it has none, with what is generated from it. Leases, events and
configmaps are served by the controller's own line if nothing else in the control plane serves them.`,
		examples: `  kubecraft add controller barkeeper --for example/v1/Bar
  kubecraft add controller barkeeper --for example/v1/Bar --dry-run`,
		form: "for", formUsage: "the type, as GROUP/VERSION/KIND or \"GROUP/VERSION KIND\"; the project's only one if left out",
		readForm: typeForm,
	}
}
