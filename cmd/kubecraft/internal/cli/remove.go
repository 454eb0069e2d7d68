package cli

import "github.com/spf13/cobra"

func (a *app) removeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Take a part out of the project that add has put in",
		Example: `  kubecraft remove type example/v1 Bar
  kubecraft remove builtin nodes
  kubecraft remove builtin`,
		Args: noSuchCommand,
		RunE: showHelp,
	}
	cmd.AddCommand(a.removeTypeCommand(), a.removeVersionCommand(), a.removeGroupCommand(), a.removeBuiltinCommand(), a.removePartCommand())
	cmd.AddCommand(a.removeSubresourceCommand(), a.removeValidationCommand(), a.removeDefaultingCommand(), a.removePrintColumnsCommand(), a.removeConversionCommand())
	for _, verbs := range componentKinds() {
		cmd.AddCommand(a.removeComponentCommand(verbs))
	}
	return cmd
}
