package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/gotool"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/codegen"
	"github.com/kubecraft/kubecraft/generator/doctor"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// checkup is what the doctor says, as -o json shows it.
type checkup struct {
	Dir      string           `json:"dir"`
	Findings []doctor.Finding `json:"findings"`
}

func (a *app) doctorCommand() *cobra.Command {
	var output string
	var noBuild bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong with the project, and say how to put it right",
		Long: `Look for what is wrong with the project: code that does not parse or compile, generated code that is stale, types that are not
registered, stored, served or installed, parts that lack what they need, code that is left to fill in, and modules in other versions than
this kubecraft's. Each finding is a line: file:line:column: what is wrong: what to do. The exit code is 1 if there is any. Nothing is
changed.`,
		Example: `  kubecraft doctor
  kubecraft doctor --no-build -o json   # without compiling`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			json, err := wantsJSON(cmd, output)
			if err != nil {
				return err
			}
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			if dir, err = project.Root(dir); err != nil {
				return err
			}
			if err := a.recoverAbove(dir); err != nil {
				return err
			}
			found, err := a.examine(cmd.Context(), dir, noBuild)
			if err != nil {
				return err
			}
			if json {
				if err := a.writeJSON(checkup{dir, append([]doctor.Finding{}, found...)}); err != nil {
					return err
				}
			}
			for _, f := range found {
				if !json {
					fmt.Fprintln(a.Out, f)
				}
			}
			if len(found) > 0 {
				return &toldError{1}
			}
			if !json {
				fmt.Fprintln(a.Out, "nothing is wrong with "+dir)
			}
			return nil
		},
	}
	addOutputFlag(cmd, &output)
	cmd.Flags().BoolVar(&noBuild, "no-build", false, "do not compile the project, which takes minutes the first time")
	return cmd
}

// examine returns what is wrong with the project in dir. What hinders further looks ends them.
func (a *app) examine(ctx context.Context, dir string, noBuild bool) ([]doctor.Finding, error) {
	broken, left, err := doctor.Source(dir)
	if err != nil || len(broken) > 0 {
		return slices.Concat(broken, left), err
	}
	p, err := project.Load(dir)
	if err != nil {
		return nil, err
	}
	sources, err := scaffold.SourceFiles(kubecraft.Sources)
	if err != nil {
		return nil, err
	}
	held := doctor.Kubecraft{Sources: sources}
	if v := readVersions(); v.released() {
		held.Version = v.Kubecraft
	}
	found, err := doctor.Examine(p, held)
	if err != nil {
		return nil, err
	}
	found = append(found, left...)
	tool, err := a.goForProject(ctx, dir)
	if err != nil {
		return nil, err
	}
	made, err := a.generate(ctx, tool, dir, nil)
	var rejected *codegen.Error
	if errors.As(err, &rejected) {
		return append(found, doctor.Rejected(rejected)...), nil
	} else if err != nil {
		return nil, err
	}
	set := changeset.New(dir)
	addGenerated(set, made)
	changes, err := set.Changes()
	if err != nil {
		return nil, err
	}
	stale := doctor.Stale(changes)
	found = append(found, stale...)
	if noBuild || len(stale) > 0 {
		return found, nil
	}
	_, err = a.tryToCompile(ctx, a.progress, tool, gotool.Build{Dir: dir, Package: "./..."}, "compiling")
	var failed *gotool.BuildError
	if errors.As(err, &failed) {
		return append(found, doctor.Broken(failed.Output)...), nil
	}
	return found, err
}
