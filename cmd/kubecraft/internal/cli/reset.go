package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/datafolder"
)

func (a *app) resetCommand() *cobra.Command {
	var data, output string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Remove every object that the project's server has stored, for good",
		Long: `Remove every object that the project's server has stored, for good. The certificates and the port stay, so that
kubeconfigs remain valid. It refuses while a server uses the data.`,
		Example: `  kubecraft reset --dry-run    # what would be removed
  kubecraft reset`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			json, err := wantsJSON(cmd, output)
			if err != nil {
				return err
			}
			if data == "" {
				p, err := a.openProject()
				if err != nil {
					return err
				}
				data = filepath.Join(p.Dir, "data")
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
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "remove nothing: say what would go")
	addOutputFlag(cmd, &output)
	return cmd
}
