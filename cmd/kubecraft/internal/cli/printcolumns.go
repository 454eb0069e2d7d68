package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addPrintColumnsCommand() *cobra.Command {
	var flags writeFlags
	var texts []string
	cmd := &cobra.Command{
		Use:   "printcolumns " + typeArgs,
		Short: "Show more columns of a type in kubectl get",
		Long: `Show more columns of a version of a type in kubectl get, by +kubebuilder:printcolumn markers above the type. Without --column, all fields
of spec and status that fit and have none get one. Beyond four, columns are for -o wide. The type of a column and its description are
those of the field.

remove printcolumns takes them back.`,
		Example: `  kubecraft add printcolumns example/v1 Bar
  kubecraft add printcolumns example/v1 Bar --column Generation=.metadata.generation --column Size=.spec.size
  kubecraft add printcolumns example/v1/Bar --column 'Ready=.status.conditions[?(@.type=="Ready")].status' --dry-run`,
		ValidArgsFunction: a.completeTypes(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, err := onlyType(cmd, args)
			if err != nil {
				return err
			}
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
			return a.editType(cmd.Context(), flags, typeEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.AddPrintColumns(p, t, columns) },
				summary: "added columns of " + sentence(t), nothing: nothing, generates: true,
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringArrayVar(&texts, "column", nil, "NAME=JSONPATH of a column, as in Size=.spec.size; may be repeated")
	return cmd
}

func (a *app) removePrintColumnsCommand() *cobra.Command {
	var flags writeFlags
	var names []string
	cmd := &cobra.Command{
		Use:   "printcolumns " + typeArgs,
		Short: "Show less columns of a type in kubectl get",
		Long: `Show less columns of a version of a type in kubectl get: those named by --column or, without it, those that add printcolumns without
--column writes, as far as nobody has changed them.`,
		Example: `  kubecraft remove printcolumns example/v1 Bar
  kubecraft remove printcolumns example/v1 Bar --column Size`,
		ValidArgsFunction: a.completeTypes(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, err := onlyType(cmd, args)
			if err != nil {
				return err
			}
			return a.editType(cmd.Context(), flags, typeEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return scaffold.RemovePrintColumns(p, t, names) },
				summary: "removed columns of " + sentence(t), nothing: "there are no such columns of " + sentence(t) + ": nothing to do", generates: true,
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringArrayVar(&names, "column", nil, "the name of a column; may be repeated")
	complete := func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		p, err := a.openProject()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		t, _, err := resource.CutType(args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		there, err := scaffold.PrintColumns(p, t)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return there, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("column", complete); err != nil {
		panic(err) // there is such a flag
	}
	return cmd
}
