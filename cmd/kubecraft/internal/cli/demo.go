package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/gotool"
	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

const (
	demoModule = "example.com/demo"
	// serverPackages is what a project consists of, roughly: to count takes seconds, and people wait.
	serverPackages = 1300
)

func (a *app) demoCommand() *cobra.Command {
	var keep string
	var cluster bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Do all of it once, in a temporary folder: make a project, add types, serve, use, restart",
		Long: `Do all of it once, in a temporary folder: make a project, add two types, compile and serve it, create an object and
read it back, restart the server and find the object again. Each step shows the command that does the same by hand.
No kubectl is needed.

With --cluster: run a Kubernetes cluster instead, with simulated nodes, a Deployment whose pods run on them, and the reason why one
of them is where it is. A kubecraft without a control plane compiles one first, once.`,
		Example: `  kubecraft demo
  kubecraft demo --cluster
  kubecraft demo --keep ./demo    # and look around in it afterwards`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cluster && keep != "" {
				return usage(cmd, "--keep is for the project that demo makes; --cluster makes none")
			}
			if cluster {
				return a.demoCluster(cmd.Context())
			}
			began := time.Now()
			d := &demo{app: a, out: report.New(a.Out), dir: keep}
			if keep == "" {
				temp, err := os.MkdirTemp("", "kubecraft-demo-")
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
				d.dir = filepath.Join(temp, "demo")
				d.checkout = checkoutAround()
			}
			if d.dir, err = filepath.Abs(d.dir); err != nil {
				return err
			}
			if err := d.run(cmd.Context()); err != nil {
				return err
			}
			d.out.Line("")
			if keep != "" {
				d.out.Line("Done in %s. The project is in %s.", report.Duration(time.Since(began)), keep)
			} else {
				d.out.Line("Done in %s. The folder is removed; --keep DIR keeps it.", report.Duration(time.Since(began)))
			}
			d.out.Line("Next: kubecraft demo --cluster, a whole Kubernetes with pods that run. %s", a.clusterCost())
			return nil
		},
	}
	cmd.Flags().BoolVar(&cluster, "cluster", false, "run a Kubernetes cluster instead")
	cmd.Flags().StringVar(&keep, "keep", "", "make the project in this folder, and leave it there")
	return cmd
}

// clusterPackages is what all of Kubernetes consists of beside a project's, roughly.
const clusterPackages = 1300

// clusterCost says what the first cluster takes.
func (a *app) clusterCost() string {
	if a.controlPlane != nil {
		return "It takes a second."
	}
	return "The first time it compiles all of Kubernetes: " + estimate(clusterPackages) + "."
}

// checkoutAround returns the checkout of kubecraft that the working directory is in, if any. A project that is thrown
// away uses it in place, so that what is compiled for one demonstration serves the next.
func checkoutAround() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; ; dir = filepath.Dir(dir) {
		if moduleOf(filepath.Join(dir, "go.mod")) == scaffold.KubecraftModule {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// demo is one demonstration.
type demo struct {
	*app
	out      *report.Reporter
	dir      string // of the project
	checkout string
}

// say shows the command line that a step stands for.
func (d *demo) say(format string, args ...any) {
	d.out.Line("")
	d.out.Line("$ "+format, args...)
}

func (d *demo) run(ctx context.Context) error {
	quiet := *d.app
	quiet.Out, quiet.progress = io.Discard, d.out

	began := time.Now()
	d.out.Line("A project in %s", d.dir)
	d.out.Line("The first one on a machine compiles Kubernetes' API server, %d packages: %s. Later ones take seconds.", serverPackages, estimate(serverPackages))
	d.say("kubecraft init demo --module %s && cd demo", demoModule)
	if err := quiet.initProject(ctx, d.dir, d.dir, demoModule, d.checkout, writeFlags{}); err != nil {
		return err
	}
	d.out.Line("made in %s", report.Duration(time.Since(began)))

	tool, err := d.goForProject(ctx, d.dir)
	if err != nil {
		return err
	}
	compiled := d.compileAhead(ctx, tool)
	defer compiled.abandon()
	for _, r := range []resource.Resource{
		{Group: "example", Version: "v1", Kind: "Foo"},
		{Group: "example", Version: "v1", Kind: "Bar", ShortNames: []string{"br"}},
	} {
		began := time.Now()
		flags := ""
		if len(r.ShortNames) > 0 {
			flags = " --short-names " + r.ShortNames[0]
		}
		d.say("kubecraft add type %s %s%s", r.GroupVersion(), r.Kind, flags)
		p, err := project.Load(d.dir)
		if err != nil {
			return err
		}
		if err := quiet.addType(ctx, p, r, writeFlags{}, false); err != nil {
			return err
		}
		d.out.Line("added, with clients and OpenAPI generated, in %s", report.Duration(time.Since(began)))
	}

	d.say("kubecraft serve")
	if err := compiled.wait(); err != nil {
		return err
	}
	binary := serverBinary(demoModule)
	if !d.out.Terminal() {
		d.out.Line("building %s", binary)
	}
	if err := d.link(ctx, d.out, tool, gotool.Build{Dir: d.dir, Package: ".", Output: binary}); err != nil {
		return err
	}
	return d.use(ctx, filepath.Join(d.dir, binary))
}

// ahead is the compilation of what every project consists of, which is most of the work: it begins while the types are
// still being added.
type ahead struct {
	cancel context.CancelFunc
	done   chan error
}

func (d *demo) compileAhead(ctx context.Context, tool *gotool.Tool) *ahead {
	ctx, cancel := context.WithCancel(ctx)
	c := &ahead{cancel: cancel, done: make(chan error, 1)}
	b := gotool.Build{Dir: d.dir, Package: scaffold.KubecraftModule + "/runtime/controlplane"}
	d.out.Draw("counting what has to be compiled ...")
	b.Todo = tool.Stale(ctx, b)
	d.out.Erase()
	if b.Todo > 0 {
		d.out.Line("compiling, meanwhile, what Go's build cache lacks of Kubernetes, %s: this takes %s, once", report.Count(b.Todo, "package"), estimate(b.Todo))
	}
	go func() {
		began := time.Now()
		_, err := d.compile(ctx, d.out, tool, b, "compiling")
		if err == nil && b.Todo > 0 {
			d.out.Line("compiled %s in %s", report.Count(b.Todo, "package"), report.Duration(time.Since(began)))
		}
		c.done <- err
	}()
	return c
}

func (c *ahead) wait() error {
	err := <-c.done
	c.done <- err
	return err
}

// abandon ends the compilation, and waits until it has let go of the folder.
func (c *ahead) abandon() {
	c.cancel()
	_ = c.wait()
}
