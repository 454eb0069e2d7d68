package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print the script that makes a shell complete kubecraft's commands (" + strings.Join(shells, ", ") + ")",
		ValidArgs: shells,
		Example: `  source <(kubecraft completion bash)             # in ~/.bashrc
  source <(kubecraft completion zsh)              # in ~/.zshrc
  kubecraft completion fish | source              # in ~/.config/fish/config.fish
  kubecraft completion powershell | Out-String | Invoke-Expression`,
		Args: exactly("SHELL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.Out, true)
			case "zsh":
				return root.GenZshCompletion(a.Out)
			case "fish":
				return root.GenFishCompletion(a.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.Out)
			}
			return usage(cmd, "there is no completion for %q: it is one of %s", args[0], strings.Join(shells, ", "))
		},
	}
}
