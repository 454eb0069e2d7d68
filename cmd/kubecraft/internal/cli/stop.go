package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/datafolder"
)

// stopLimit is how long a stop may take, which gives requests that are under way four seconds.
const stopLimit = 30 * time.Second

func (a *app) stopCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop a control plane that `kubecraft serve` runs elsewhere, as its Ctrl-C would",
		Long: `Stop a control plane that kubecraft serve runs elsewhere: the project's that this folder is in, or an instance outside
projects. The server is asked with the administrator's certificate, and lets requests that are under way end. When this command
ends it has let go of its port and its data.`,
		Example: `  kubecraft stop
  kubecraft stop --name other`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := a.servedFolder(cmd, name)
			if err != nil {
				return err
			}
			if !servedIn(dir) {
				return neverServed(dir)
			}
			server, err := client.FromKubeconfig(kubeconfigIn(dir))
			if err != nil {
				return err
			}
			defer server.Close()
			ctx, cancel := context.WithTimeout(cmd.Context(), stopLimit)
			defer cancel()
			if err := server.Stop(ctx); err != nil {
				return err
			}
			if err := datafolder.Wait(ctx, dataIn(dir)); err != nil {
				return err
			}
			// An instance's server may have its data elsewhere, or none. A project's has no such file.
			if err := datafolder.WaitFor(ctx, filepath.Join(dir, instanceLock)); err != nil {
				return err
			}
			fmt.Fprintf(a.Out, "stopped %s\n", server.Server())
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	return cmd
}
