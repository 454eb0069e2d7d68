package cli

import (
	"errors"
	"os"
	"path/filepath"
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
				if kubeconfig, err := a.serverOf(cmd, ""); err == nil {
					if err := os.Setenv("KUBECONFIG", kubeconfig); err != nil {
						return err
					}
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

// serverOf returns the kubeconfig of the server that is meant: an instance's by its name or, without one, that of the project
// around or the default instance's. It must be there.
func (a *app) serverOf(cmd *cobra.Command, name string) (string, error) {
	if name == "" {
		p, err := a.openProject()
		switch {
		case err == nil:
			kubeconfig := filepath.Join(p.Dir, "pki", "kubeconfig")
			if _, err := os.Stat(kubeconfig); err != nil {
				return "", errors.New("this project has not been served yet: there is no pki/kubeconfig")
			}
			return kubeconfig, nil
		case !isNoProject(err):
			return "", err
		}
		name = defaultInstance
	}
	i, err := namedInstance(name)
	if err != nil {
		return "", usage(cmd, "%v", err)
	}
	if !i.exists() {
		return "", i.unknown()
	}
	return i.kubeconfig(), nil
}
