package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"
)

func addOutputFlag(cmd *cobra.Command, output *string) {
	cmd.Flags().StringVarP(output, "output", "o", "", "json: the result as JSON on stdout, for scripts")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveNoFileComp))
}

// wantsJSON reads the value of the output flag.
func wantsJSON(cmd *cobra.Command, output string) (bool, error) {
	if output == "" || output == "json" {
		return output == "json", nil
	}
	return false, usage(cmd, "there is no output format %q: -o takes json", output)
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
