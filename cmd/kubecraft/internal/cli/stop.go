package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
)

func (a *app) stopCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop a control plane that `kubecraft serve` runs elsewhere, as its Ctrl-C would",
		Long: `Stop a control plane that kubecraft serve runs elsewhere: the project's that this folder is in, or an instance outside
projects. The server is asked with the administrator's certificate, lets requests that are under way end, and has ended when
this command does.`,
		Example: `  kubecraft stop
  kubecraft stop --name other`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kubeconfig, err := a.serverOf(cmd, name)
			if err != nil {
				return err
			}
			server, err := client.FromKubeconfig(kubeconfig)
			if err != nil {
				return err
			}
			defer server.Close()
			if err := server.Stop(cmd.Context()); err != nil {
				return err
			}
			fmt.Fprintf(a.Out, "stopped %s\n", server.Server())
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	return cmd
}
