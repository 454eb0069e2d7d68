package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// componentVerbs are what is said of a kind of component where it is added and removed.
type componentVerbs struct {
	kind scaffold.Kind
	// example is a name for one.
	example string
	// short and long explain what it adds, examples show it.
	short, long, examples string
	// form is the flag by which the form is chosen that it is written in: its name, and what it means. None if empty.
	form, formUsage string
	// readForm returns the name of the form that is asked for. What is typed is that, if nil.
	readForm func(string) (string, error)
}

func componentKinds() []componentVerbs {
	return []componentVerbs{authenticatorVerbs(), authorizerVerbs(), admissionVerbs(), controllerVerbs(), schedulerVerbs(), kubeletVerbs()}
}

func (a *app) addComponentCommand(v componentVerbs) *cobra.Command {
	var form string
	cmd := a.componentCommand(v, func(p *project.Project, c component.Component) (*scaffold.Result, error) {
		return scaffold.AddComponent(p, v.kind, c, form)
	}, "added", "there already: nothing to do")
	cmd.Short, cmd.Long, cmd.Example = v.short, v.long+"\n\nremove "+v.kind.Noun+" takes it back.", v.examples
	if v.readForm != nil {
		cmd.PreRunE = func(cmd *cobra.Command, _ []string) (err error) {
			if !cmd.Flags().Changed(v.form) {
				return nil
			}
			if form, err = v.readForm(form); err != nil {
				return usage(cmd, "--%s: %v", v.form, err)
			}
			return nil
		}
	}
	if v.form != "" {
		cmd.Flags().StringVar(&form, v.form, "", v.formUsage)
		_ = cmd.RegisterFlagCompletionFunc(v.form, func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) { // the flag is there
			if p, err := a.openProject(); err == nil {
				names = v.kind.Forms(p)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		})
	}
	return cmd
}

func (a *app) removeComponentCommand(v componentVerbs) *cobra.Command {
	cmd := a.componentCommand(v, func(p *project.Project, c component.Component) (*scaffold.Result, error) {
		return scaffold.RemoveComponent(p, v.kind, c)
	}, "removed", "not there: nothing to do")
	cmd.Short = "Take " + v.kind.One() + " of your own out of the control plane"
	cmd.Long = cmd.Short + ". Its package goes too, unless something in it has changed."
	cmd.Example = "  kubecraft remove " + v.kind.Noun + " " + v.example
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		if p, err := a.openProject(); err == nil && len(args) == 0 {
			names, _ = v.kind.Names(p)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

func (a *app) componentCommand(v componentVerbs, edit func(*project.Project, component.Component) (*scaffold.Result, error), done, nothing string) *cobra.Command {
	var flags writeFlags
	cmd := &cobra.Command{
		Use:               v.kind.Noun + " NAME",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			if len(args) != 1 {
				return usage(cmd, "say which %s by one name, as in %s %s", v.kind.Noun, cmd.CommandPath(), v.example)
			}
			c, err := v.kind.New(args[0])
			if err != nil {
				return usage(cmd, "%v", err)
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return edit(p, c) },
				summary: done + " " + v.kind.Noun + " " + c.Name, nothing: v.kind.Noun + " " + c.Name + " is " + nothing,
			})
		},
	}
	flags.add(cmd)
	return cmd
}
