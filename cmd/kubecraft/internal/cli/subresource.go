package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

func (a *app) addSubresourceCommand() *cobra.Command {
	return a.subresourceCommand(subresourceVerb{
		short: "Serve a subresource of a type: status, scale, or one of your own",
		long: `Serve a subresource of a type, in every version that is served: versions share the storage.

  status    as if the type had been added without --no-status: types, rules and the rest
  scale     as if it had been added with --scale, for kubectl scale and autoscalers; it shows the status
  others    your own, such as approve: GET, PUT and PATCH of the whole object, where a write changes one field and nothing else, as one
            to certificatesigningrequests/approval changes conditions. RBAC tells who may write it from who may write the rest, by
            the resource bars/approve. Its code is a file in the package of the type's storage, and what else it is to do goes there

remove subresource takes it back.`,
		example: `  kubecraft add subresource example/v1 Bar scale
  kubecraft add subresource example/v1 Bar approve --field status.phase
  kubecraft add subresource example/v1/Bar status --dry-run`,
		edit: scaffold.AddSubresource, done: "added", nothing: "there already: nothing to do", hasField: true,
		complete: func(p *project.Project, t resource.Type) []string {
			there, err := scaffold.Subresources(p, t)
			if err != nil {
				return nil
			}
			return slices.DeleteFunc([]string{"status", "scale"}, func(name string) bool { return slices.Contains(there, name) })
		},
	})
}

func (a *app) removeSubresourceCommand() *cobra.Command {
	return a.subresourceCommand(subresourceVerb{
		short: "Serve a subresource of a type no more",
		long: `Serve a subresource of a type no more, in any version. The fields of status and scale go with them, so they must be as kubecraft wrote
them; the file of one of your own goes too, unless something in it has changed.`,
		example: `  kubecraft remove subresource example/v1 Bar scale
  kubecraft remove subresource example/v1/Bar approve --dry-run`,
		edit: scaffold.RemoveSubresource, done: "removed", nothing: "not there: nothing to do",
		complete: func(p *project.Project, t resource.Type) []string {
			there, err := scaffold.Subresources(p, t)
			if err != nil {
				return nil
			}
			return there
		},
	})
}

// subresourceVerb is what is done with a subresource.
type subresourceVerb struct {
	short, long, example string
	edit                 func(*project.Project, resource.Type, scaffold.Subresource) (*scaffold.Result, error)
	done, nothing        string
	hasField             bool
	complete             func(*project.Project, resource.Type) []string
}

func (a *app) subresourceCommand(verb subresourceVerb) *cobra.Command {
	var flags writeFlags
	var field string
	cmd := &cobra.Command{
		Use: "subresource " + typeArgs + " NAME", Short: verb.short, Long: verb.long, Example: verb.example,
		ValidArgsFunction: a.completeTypes(verb.complete),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			t, rest, err := resource.CutType(args)
			if err != nil {
				return usage(cmd, "%v", err)
			}
			if len(rest) != 1 {
				return usage(cmd, "say which subresource by one name, as in %s %s %s status", cmd.CommandPath(), t.GroupVersion(), t.Kind)
			}
			s, err := scaffold.NewSubresource(rest[0], field)
			if err != nil {
				return usage(cmd, "%v", err)
			}
			return a.editProject(cmd.Context(), flags, projectEdit{
				edit:    func(p *project.Project) (*scaffold.Result, error) { return verb.edit(p, t, s) },
				summary: verb.done + " subresource " + s.Name + " of " + sentence(t), nothing: "subresource " + s.Name + " of " + sentence(t) + " is " + verb.nothing,
				generates: true,
			})
		},
	}
	flags.add(cmd)
	if verb.hasField {
		cmd.Flags().StringVar(&field, "field", "", "what a write to one of your own changes, as in status.phase (default: the status, or the spec without one)")
	}
	return cmd
}
