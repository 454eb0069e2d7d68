package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/datafolder"
)

func (a *app) resetCommand() *cobra.Command {
	var data, name, output string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Remove every object that the project's server, or an instance outside projects, has stored, for good",
		Long: `Remove every object that the project's server has stored, for good; with --name, what an instance outside projects has. The
certificates and the port stay, so that kubeconfigs remain valid. It refuses while a server uses the data.`,
		Example: `  kubecraft reset --dry-run    # what would be removed
  kubecraft reset
  kubecraft reset --name default    # outside projects`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			json, err := wantsJSON(cmd, output)
			if err != nil {
				return err
			}
			switch {
			case cmd.Flags().Changed("name"):
				i, err := namedInstance(name)
				if err != nil {
					return usage(cmd, "%v", err)
				}
				if !servedIn(i.dir) {
					return neverServed(i.dir)
				}
				if elsewhere := i.dataElsewhere(); elsewhere != "" {
					return fmt.Errorf("the instance %q was last served with --data %s: `kubecraft reset --data %[2]s` empties that folder, and --data %s the instance's own", name, shellQuoted(elsewhere), shellQuoted(dataIn(i.dir)))
				}
				if !dryRun {
					lock, err := i.lock()
					if err != nil {
						return err
					}
					defer lock.Close()
				}
				data = dataIn(i.dir)
			case data == "":
				p, err := a.openProject()
				if err != nil {
					return err
				}
				data = dataIn(p.Dir)
			}
			remove := datafolder.Empty
			if dryRun {
				remove = datafolder.Files
			}
			files, err := remove(data)
			if err != nil {
				return err
			}
			if json {
				return a.writeJSON(struct {
					Dir     string   `json:"dir"`
					Removed []string `json:"removed"`
					DryRun  bool     `json:"dryRun,omitempty"`
				}{data, append([]string{}, files...), dryRun})
			}
			switch {
			case len(files) == 0:
				fmt.Fprintf(a.Out, "%s holds no data: nothing to do\n", data)
			case dryRun:
				fmt.Fprintf(a.Out, "would remove from %s: %s\n", data, strings.Join(files, ", "))
			default:
				fmt.Fprintf(a.Out, "removed from %s: %s\n", data, strings.Join(files, ", "))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "the data folder (default: data in the project)")
	cmd.Flags().StringVar(&name, "name", "", "the instance's name, outside projects")
	cmd.MarkFlagsMutuallyExclusive("data", "name")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "remove nothing: say what would go")
	addOutputFlag(cmd, &output)
	return cmd
}
