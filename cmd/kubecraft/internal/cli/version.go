package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// versions is what a build knows about itself.
type versions struct {
	Kubecraft  string `json:"kubecraft"`
	Kubernetes string `json:"kubernetes"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`

	sum string // of the module, if it is released
}

// readVersions asks the binary: there is nothing to keep up to date by hand.
func readVersions() versions {
	v := versions{Kubecraft: "unreleased", Kubernetes: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if main := info.Main; main.Path == scaffold.KubecraftModule && main.Version != "" && main.Version != "(devel)" {
		v.Kubecraft, v.sum = main.Version, main.Sum
	}
	for _, dep := range info.Deps {
		if dep.Path == "k8s.io/code-generator" {
			// The staging modules of Kubernetes 1.x.y are v0.x.y.
			v.Kubernetes = "v1." + strings.TrimPrefix(dep.Version, "v0.")
		}
	}
	return v
}

// released says whether others can download this very version: one built from a checkout of a tag has no checksum.
func (v versions) released() bool {
	return v.sum != "" && semver.IsValid(v.Kubecraft) && semver.Build(v.Kubecraft) == "" && !module.IsPseudoVersion(v.Kubecraft)
}

func (a *app) versionCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which kubecraft this is, and which Kubernetes its projects are made of",
		Example: `  kubecraft version
  kubecraft version -o json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := readVersions()
			if json, err := wantsJSON(cmd, output); err != nil {
				return err
			} else if json {
				return a.writeJSON(v)
			}
			_, err := fmt.Fprintf(a.Out, "kubecraft %s, Kubernetes %s, %s %s\n", v.Kubecraft, v.Kubernetes, v.Go, v.Platform)
			return err
		},
	}
	addOutputFlag(cmd, &output)
	return cmd
}
