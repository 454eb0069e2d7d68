package cli

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) kubectlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl [ARGUMENTS]",
		Short: "Run kubectl, which is compiled in, against the project's server or the default instance's",
		Long: `Run upstream's kubectl, which is compiled in. Unless KUBECONFIG or --kubeconfig says otherwise, it is for the server of the
project that this folder is in or, outside projects, for the default instance. All arguments are kubectl's own.`,
		Example: `  kubecraft kubectl get namespaces
  kubecraft kubectl create deployment web --image=nginx`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.controlPlane == nil {
				return a.handOver(cmd.Context())
			}
			if !namesKubeconfig(args) {
				dir, err := a.servedFolder(cmd, "")
				if err != nil {
					return err
				}
				// Also if nothing has been served there: what is meant is never another cluster that the user has.
				if err := os.Setenv("KUBECONFIG", kubeconfigIn(dir)); err != nil {
					return err
				}
			}
			if code := a.controlPlane.Kubectl(args); code != 0 {
				return &toldError{code}
			}
			return nil
		},
	}
}

// namesKubeconfig says whether kubectl is told where the server is.
func namesKubeconfig(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if name, _, _ := strings.Cut(arg, "="); name == "--kubeconfig" || name == "--server" || name == "-s" {
			return true
		}
	}
	return os.Getenv("KUBECONFIG") != ""
}

// servedFolder is where the server that is meant has its things: an instance's folder by its name or, without one, that of the
// project around or of the default instance. It need not be there.
func (a *app) servedFolder(cmd *cobra.Command, name string) (string, error) {
	if name == "" {
		p, err := a.openProject()
		if err == nil {
			return p.Dir, nil
		}
		if !isNoProject(err) {
			return "", err
		}
		name = defaultInstance
	}
	i, err := namedInstance(name)
	if err != nil {
		return "", usage(cmd, "%v", err)
	}
	return i.dir, nil
}
