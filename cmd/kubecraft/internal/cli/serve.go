package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/gotool"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/changeset"
	"github.com/kubecraft/kubecraft/generator/project"
)

func (a *app) serveCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "serve [-- SERVER FLAGS]",
		Short: "Build the project and run its control plane or, outside projects, run Kubernetes' own",
		Long: `In a project: generate what is stale, build it into bin, and run its control plane until Ctrl-C. The server takes the place
of this command: signals reach it, and its exit code is the command's. It is linked without what debuggers need, which is
faster; GOFLAGS=-ldflags= puts that back.

Outside a project, and with --name: run a Kubernetes cluster: the whole API, the controllers, the scheduler, and simulated nodes on
which pods run without a container. Its data and certificates are in a folder of the user's, one
for each name. A kubecraft without a control plane compiles one first, once.`,
		Example: `  kubecraft serve
  kubecraft serve --port 6443 --storage memory
  kubecraft serve --write-kubeconfig ~/.kube/config
  kubecraft serve --name other                         # a second one, outside projects
  kubecraft serve --nodes 100 --without scheduler      # for a scheduler of your own
  kubectl --kubeconfig pki/kubeconfig api-resources    # in another terminal`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash > 0 || dash < 0 && len(args) > 0 {
				return usage(cmd, "serve takes no arguments, not %q; flags of the server's own go after --", args[0])
			}
			pass, err := serverFlags(cmd.Flags(), args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("name") {
				return a.serveInstance(cmd, name, pass)
			}
			p, err := a.openProject()
			if isNoProject(err) {
				return a.serveInstance(cmd, defaultInstance, pass)
			}
			if err != nil {
				return err
			}
			binary, err := a.build(cmd.Context(), p)
			if err != nil {
				return err
			}
			return a.become(cmd.Context(), p.Dir, binary, pass)
		},
	}
	// Defaults are the server's: only what the user says is passed on.
	f := cmd.Flags()
	f.String("address", "", "the address to listen on (default: 127.0.0.1)")
	f.Int("port", 0, "the port to listen on (default: one is chosen once and kept in the data folder)")
	f.StringVar(&name, "name", "", "the instance's name, outside projects (default \""+defaultInstance+"\")")
	f.String("data", "", "the folder for the data (default: data in the project, or in the instance's folder)")
	f.String("storage", "", "sqlite or memory (default: sqlite)")
	f.Int("nodes", 0, "how many nodes to simulate at least, until scale nodes has said how many (default: 3)")
	f.StringSlice("stages", nil, "files of kwok's Stage objects, in place of the built-in ones (default: what is built in)")
	f.StringSlice("controllers", nil, "controllers to run, as kube-controller-manager's flag names them (default: *)")
	f.StringSlice("scheduler-config", nil, "KubeSchedulerConfiguration files, a scheduler for each (default: kube-scheduler's own)")
	f.StringSlice("without", nil, "parts to leave out, of controllers, kubelet, scheduler")
	f.String("write-kubeconfig", "", "the file to write the kubeconfig to; what others have in it stays (default: pki/kubeconfig in the project, or in the instance's folder)")
	return cmd
}

// serverFlags turns the flags that were given, and what stands after --, into arguments for the server. It runs in the
// project's root, so that paths relative to here become absolute.
func serverFlags(flags *pflag.FlagSet, args []string) (pass []string, err error) {
	for _, flag := range []struct {
		name   string
		isPath bool
	}{
		{"address", false}, {"port", false}, {"data", true}, {"storage", false}, {"write-kubeconfig", true},
		{"nodes", false}, {"stages", true}, {"controllers", false}, {"scheduler-config", true}, {"without", false},
	} {
		given := flags.Lookup(flag.name)
		if !given.Changed {
			continue
		}
		values := []string{given.Value.String()}
		if several, ok := given.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			if flag.isPath {
				if value, err = filepath.Abs(value); err != nil {
					return nil, err
				}
			}
			pass = append(pass, "--"+flag.name+"="+value)
		}
	}
	return append(pass, args...), nil
}

// build brings the generated code up to date and compiles the project's command. It returns the binary.
func (a *app) build(ctx context.Context, p *project.Project) (string, error) {
	tool, err := a.goForProject(ctx, p.Dir)
	if err != nil {
		return "", err
	}
	if err := a.refresh(ctx, p, tool); err != nil {
		return "", err
	}
	binary := serverBinary(p.Module)
	if err := a.link(ctx, a.progress, tool, gotool.Build{Dir: p.Dir, Package: ".", Output: binary}); err != nil {
		return "", err
	}
	return filepath.Join(p.Dir, binary), nil
}

// refresh writes generated code that is stale.
func (a *app) refresh(ctx context.Context, p *project.Project, tool *gotool.Tool) error {
	made, err := a.generate(ctx, tool, p.Dir, nil)
	if err != nil {
		return err
	}
	for _, line := range warnings(made) {
		a.progress.Line("warning: %s", line)
	}
	set := changeset.New(p.Dir)
	addGenerated(set, made)
	changes, err := set.Changes()
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		if err := set.Commit(ctx); err != nil {
			return err
		}
		a.progress.Line("generated: %s changed", report.Count(len(changes), "file"))
	}
	return nil
}

// link builds a binary with progress, and says what has become of it.
func (a *app) link(ctx context.Context, to *report.Reporter, tool *gotool.Tool, b gotool.Build) error {
	began := time.Now()
	packages, err := a.compile(ctx, to, tool, b, "building "+b.Output)
	switch {
	case err != nil:
		return err
	case packages == 0:
		to.Line("%s is up to date", b.Output)
	default:
		to.Line("built %s in %s (%s compiled)", b.Output, report.Duration(time.Since(began)), report.Count(packages, "package"))
	}
	return nil
}

// compile builds with progress, redrawn on a terminal, otherwise a line if there is much to do that the caller has not counted.
// It returns how many packages it has compiled.
func (a *app) compile(ctx context.Context, to *report.Reporter, tool *gotool.Tool, b gotool.Build, what string) (packages int, err error) {
	packages, err = a.tryToCompile(ctx, to, tool, b, what)
	var broken *gotool.BuildError
	if errors.As(err, &broken) {
		to.Line("%s", broken.Output)
		return packages, fmt.Errorf("%s does not compile", filepath.Base(b.Dir))
	}
	return packages, err
}

// tryToCompile is compile that leaves it to the caller to tell what the compiler said: a *gotool.BuildError.
func (a *app) tryToCompile(ctx context.Context, to *report.Reporter, tool *gotool.Tool, b gotool.Build, what string) (packages int, err error) {
	began := time.Now()
	announced := b.Todo > 0
	to.Draw("%s ...", what)
	b.Progress = func(p gotool.Progress) {
		if p.Downloading {
			to.Draw("%s: downloading %s", what, p.Name)
			return
		}
		packages = p.Done
		if p.Todo == 0 {
			to.Draw("%s: %s", what, p.Name)
			return
		}
		if !announced && !to.Terminal() {
			announced = true
			to.Line("%s: %s to compile, which takes %s", what, report.Count(p.Todo, "package"), estimate(p.Todo-p.Done))
		}
		to.Draw("%s: %d of %d packages, %s: %s", what, p.Done, p.Todo, report.Duration(time.Since(began)), p.Name)
	}
	err = tool.Build(ctx, b)
	to.Erase()
	return packages, err
}

// estimate says roughly how long some packages of Kubernetes' kind take to compile here.
func estimate(packages int) string {
	const cpuTime = 500 * time.Millisecond // a package, measured over a minimal project's 1,300
	wall := time.Duration(packages) * cpuTime / time.Duration(runtime.NumCPU())
	switch {
	case wall < 10*time.Second:
		return "a few seconds"
	case wall < 90*time.Second:
		return fmt.Sprintf("about %d s", int(wall.Seconds())/10*10)
	}
	return fmt.Sprintf("about %d minutes", int((wall + 30*time.Second).Minutes()))
}
