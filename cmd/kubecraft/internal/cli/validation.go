package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addValidationCommand() *cobra.Command {
	return a.typeCommand(typeVerb{
		name:  "validation",
		short: "Check the objects of a type with code of your own",
		long: `Check the objects of a type with code of your own, for what the +k8s: tags of fields cannot say: validation.go in the package of the
type's storage gets the functions ValidateKIND and ValidateKINDUpdate, which strategy.go calls, with a rule about a field that the
type has, and their test. They see the internal type, so they hold in every version.

remove validation takes it back.`,
		example: `  kubecraft add validation example/v1 Bar
  kubecraft add validation example/v1/Bar --dry-run`,
		run: a.added(validation()),
	})
}

func (a *app) removeValidationCommand() *cobra.Command {
	return a.typeCommand(typeVerb{
		name:    "validation",
		short:   "Check the objects of a type by its tags alone",
		long:    "Check the objects of a type by its tags alone: strategy.go calls no code of add validation any more. validation.go and its test go too,\nunless something in them has changed.",
		example: "  kubecraft remove validation example/v1 Bar",
		run:     a.removed(validation()),
	})
}

func validation() partOfType {
	return partOfType{name: "validation", add: scaffold.AddValidation, remove: scaffold.RemoveValidation}
}
