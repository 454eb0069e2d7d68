package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"github.com/kubecraft/kubecraft"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// initVerb is the name of the verb that makes a project.
const initVerb = "init"

func (a *app) initCommand() *cobra.Command {
	var flags writeFlags
	var module, checkout string
	cmd := &cobra.Command{
		Use:   initVerb + " [DIR]",
		Short: "Make a new project: a control plane that builds and serves, with no types yet",
		Long: `Make a new project in DIR (default: here): a control plane that builds and serves right away, with no types yet.
Nothing is written if a file that it would write is there and differs.`,
		Example: `  kubecraft init demo --module example.com/demo
  kubecraft init --module github.com/me/cloud --dry-run`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, "init takes one folder, not %q", strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.read(cmd); err != nil {
				return err
			}
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			abs, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			if err := a.recoverAbove(abs); err != nil {
				return err
			}
			if module == "" {
				if module = moduleOf(filepath.Join(abs, "go.mod")); module == "" {
					return usage(cmd, "init needs --module, the path that Go code imports the project by, such as --module example.com/%s", filepath.Base(abs))
				}
			}
			return a.initProject(cmd.Context(), dir, abs, module, checkout, flags)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&module, "module", "", "the module path, such as example.com/demo (default: that of a go.mod which is there)")
	cmd.Flags().StringVar(&checkout, "kubecraft", "", "build against the kubecraft in this checkout, to work on both (default: this very version)")
	return cmd
}

func moduleOf(goMod string) string {
	content, err := os.ReadFile(goMod)
	if err != nil {
		return ""
	}
	return modfile.ModulePath(content)
}

// initProject makes a project in abs, which the user calls dir.
func (a *app) initProject(ctx context.Context, dir, abs, module, checkout string, flags writeFlags) error {
	dependency, err := dependOn(abs, checkout)
	if err != nil {
		return err
	}
	files, err := scaffold.Init(scaffold.InitOptions{Module: module, Kubecraft: dependency})
	if err != nil {
		return err
	}
	set := changeset.New(abs)
	writeFiles(set, files)
	changes, err := set.Changes()
	if err != nil {
		return err
	}
	if err := refuseUpdates(dir, changes); err != nil {
		return err
	}
	result := outcome{Dir: abs}
	nothing := fmt.Sprintf("%s is a project already: nothing to do", dir)
	if len(changes) > 0 {
		tool, err := a.goFor(ctx, abs, files["go.mod"])
		if err != nil {
			return err
		}
		made, err := a.generate(ctx, tool, abs, files)
		if err != nil {
			return err
		}
		addGenerated(set, made)
		if changes, err = set.Changes(); err != nil {
			return err
		}
		if err := refuseUpdates(dir, changes); err != nil {
			return err
		}
		result.Warnings = warnings(made)
		result.Notes = []string{"next:" + changeTo(dir) + " kubecraft add type example/v1 Foo && kubecraft serve"}
	}
	return a.commit(ctx, set, flags, result, fmt.Sprintf("made the project %s in %s", module, dir), nothing)
}

func changeTo(dir string) string {
	if filepath.Clean(dir) == "." {
		return ""
	}
	if strings.ContainsAny(dir, " '\"$") {
		dir = "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	return " cd " + dir + " &&"
}

// refuseUpdates names the files that a new project would overwrite or remove.
func refuseUpdates(dir string, changes []changeset.Change) error {
	var differ []string
	for _, c := range changes {
		if c.Action != changeset.Create {
			differ = append(differ, c.Path)
		}
	}
	if len(differ) == 0 {
		return nil
	}
	const most = 10
	more := ""
	if len(differ) > most {
		more = fmt.Sprintf(" and %d more", len(differ)-most)
		differ = differ[:most]
	}
	return fmt.Errorf("%s holds other files of these names, and they are left alone: %s%s; choose another folder or move them away", dir, strings.Join(differ, ", "), more)
}

// dependOn decides where the project's build finds the runtime: a release is downloaded; within kubecraft's own checkout,
// and with --kubecraft, the checkout is used in place; any other build hands out its own sources.
func dependOn(abs, checkout string) (scaffold.Dependency, error) {
	if checkout != "" {
		full, err := filepath.Abs(checkout)
		if err != nil {
			return scaffold.Dependency{}, err
		}
		if moduleOf(filepath.Join(full, "go.mod")) != scaffold.KubecraftModule {
			return scaffold.Dependency{}, fmt.Errorf("%s is no checkout of kubecraft: it has no go.mod with `module %s`", checkout, scaffold.KubecraftModule)
		}
		return scaffold.Dependency{Replace: filepath.ToSlash(full)}, nil
	}
	for up := filepath.Dir(abs); ; up = filepath.Dir(up) {
		if moduleOf(filepath.Join(up, "go.mod")) == scaffold.KubecraftModule {
			path, err := filepath.Rel(abs, up)
			return scaffold.Dependency{Replace: filepath.ToSlash(path)}, err
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	if v := readVersions(); v.released() {
		modSum, err := scaffold.ModSum(kubecraft.Sources)
		return scaffold.Dependency{Version: v.Kubecraft, Sum: v.sum, ModSum: modSum}, err
	}
	return scaffold.Dependency{Sources: kubecraft.Sources}, nil
}

// writeFiles puts files into a set; scripts become executable.
func writeFiles(set *changeset.Set, files map[string][]byte) {
	for name, content := range files {
		mode := fs.FileMode(0o644)
		if bytes.HasPrefix(content, []byte("#!")) {
			mode = 0o755
		}
		set.Write(name, content, mode)
	}
}
