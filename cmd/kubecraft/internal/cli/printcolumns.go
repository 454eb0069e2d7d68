package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addPrintColumnsCommand() *cobra.Command {
	var texts []string
	cmd := a.typeCommand(typeVerb{
		name:  "printcolumns",
		short: "Show more columns of a type in kubectl get",
		long: `Show more columns of a version of a type in kubectl get, by +kubebuilder:printcolumn markers above the type. Without --column, all fields
of spec and status that fit and have none get one. Beyond four, columns are for -o wide. The type of a column and its description are
those of the field.

remove printcolumns takes them back.`,
		example: `  kubecraft add printcolumns example/v1 Bar
  kubecraft add printcolumns example/v1 Bar --column Generation=.metadata.generation --column Size=.spec.size
  kubecraft add printcolumns example/v1/Bar --column 'Ready=.status.conditions[?(@.type=="Ready")].status' --dry-run`,
		run: func(cmd *cobra.Command, flags writeFlags, t resource.Type) error {
			var columns []scaffold.Column
			for _, text := range texts {
				column, err := scaffold.ParseColumn(text)
				if err != nil {
					return usage(cmd, "%v", err)
				}
				columns = append(columns, column)
			}
			nothing := "they are columns of " + sentence(t) + " already: nothing to do"
			if len(columns) == 0 {
				nothing = "every field of " + sentence(t) + " that fits is a column already: nothing to do"
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.AddPrintColumns(p, t, columns) },
				summary: "added columns of " + sentence(t) + ":", nothing: nothing, generates: true,
			})
		},
	})
	cmd.Flags().StringArrayVar(&texts, "column", nil, "NAME=JSONPATH of a column, as in Size=.spec.size; may be repeated")
	return cmd
}

func (a *app) removePrintColumnsCommand() *cobra.Command {
	var names []string
	cmd := a.typeCommand(typeVerb{
		name:  "printcolumns",
		short: "Show less columns of a type in kubectl get",
		long: `Show less columns of a version of a type in kubectl get: those named by --column or, without it, those that add printcolumns without
--column writes, as far as nobody has changed them.`,
		example: `  kubecraft remove printcolumns example/v1 Bar
  kubecraft remove printcolumns example/v1 Bar --column Size`,
		run: func(cmd *cobra.Command, flags writeFlags, t resource.Type) error {
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.RemovePrintColumns(p, t, names) },
				summary: "removed columns of " + sentence(t) + ":", nothing: "there are no such columns of " + sentence(t) + ": nothing to do", generates: true,
			})
		},
	})
	cmd.Flags().StringArrayVar(&names, "column", nil, "the name of a column; may be repeated")
	_ = cmd.RegisterFlagCompletionFunc("column", func(_ *cobra.Command, args []string, _ string) (there []string, _ cobra.ShellCompDirective) { // the flag is there
		p, err := a.openProject()
		if t, _, wrong := resource.CutType(args); err == nil && wrong == nil {
			there, _ = scaffold.PrintColumns(p, t)
		}
		return there, cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}
