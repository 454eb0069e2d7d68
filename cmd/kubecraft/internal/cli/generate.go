package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/changeset"
)

func (a *app) generateCommand() *cobra.Command {
	var flags writeFlags
	var verify bool
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write the code that follows from the types: deep copies, clients, OpenAPI and the rest",
		Long: `Write the code that follows from the project's types: deepcopy, defaults, conversion, OpenAPI, validation, printer
columns, apply configurations, clients, listers and informers. Files that nothing asks for any more are removed.
Nothing is written unless every generator succeeds.`,
		Example: `  kubecraft generate
  kubecraft generate --verify                   # in CI: fails, with the diff, if anything is stale
  kubecraft generate --dry-run | git apply`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			p, err := a.openProject()
			if err != nil {
				return err
			}
			tool, err := a.goForProject(cmd.Context(), p.Dir)
			if err != nil {
				return err
			}
			made, err := a.generate(cmd.Context(), tool, p.Dir, nil)
			if err != nil {
				return err
			}
			set := changeset.New(p.Dir)
			addGenerated(set, made)
			changes, err := set.Changes()
			if err != nil {
				return err
			}
			flags.dryRun = flags.dryRun || verify
			err = a.commit(cmd.Context(), set, flags, outcome{Dir: p.Dir, Warnings: warnings(made)},
				"generated: "+report.Count(len(changes), "file")+" changed", "everything generated is up to date")
			if err == nil && verify && len(changes) > 0 {
				return fmt.Errorf("stale: %s; run `kubecraft generate`", report.Count(len(changes), "generated file"))
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&verify, "verify", false, "write nothing: exit with 1 and the diff if anything is stale")
	return cmd
}
