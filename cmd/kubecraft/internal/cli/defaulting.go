package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addDefaultingCommand() *cobra.Command {
	return a.typeCommand(typeVerb{
		name:  "defaulting",
		short: "Set defaults in the objects of a type with code of your own",
		long: `Set defaults in the objects of a version of a type with code of your own, for those that follow from other fields: a +default marker
says the others. defaults.go of the version gets the function SetDefaults_KIND, which generated code calls, with a default of a
field that the type has, and its test.

remove defaulting takes it back.`,
		example: `  kubecraft add defaulting example/v1 Bar
  kubecraft add defaulting example/v1/Bar --dry-run`,
		run: a.added(defaulting()),
	})
}

func (a *app) removeDefaultingCommand() *cobra.Command {
	return a.typeCommand(typeVerb{
		name:    "defaulting",
		short:   "Set no defaults in the objects of a type but by markers",
		long:    "Take SetDefaults_KIND and its test out of a version, unless something in them has changed.",
		example: "  kubecraft remove defaulting example/v1 Bar",
		run:     a.removed(defaulting()),
	})
}

func defaulting() partOfType {
	return partOfType{name: "defaulting", add: scaffold.AddDefaulting, remove: scaffold.RemoveDefaulting, generates: true}
}
