package cli

import (
	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/generator/codegen"
)

// codegenCommand is what this program runs itself as, so that generators that exit or panic take only a child with them.
func (a *app) codegenCommand() *cobra.Command {
	return &cobra.Command{
		Use:    codegen.Command,
		Hidden: true,
		Args:   exactly(),
		RunE: func(*cobra.Command, []string) error {
			if code := codegen.Child(a.In, a.Out); code != 0 {
				return &toldError{code}
			}
			return nil
		},
	}
}
