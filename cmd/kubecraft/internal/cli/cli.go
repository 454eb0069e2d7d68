package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/report"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is what all verbs share.
type app struct {
	Streams
	args         []string     // of the process
	controlPlane ControlPlane // nil if this build has none
	// dir is where the command works; empty for the working directory.
	dir string
	// skipGenerators leaves generated code out of what a verb would change.
	skipGenerators bool
	verbose        int
	// progress goes to stderr: stdout is for results.
	progress *report.Reporter
}

// Main runs the command and returns its exit code: 0 done, 1 failed, 2 wrong usage. The control plane is nil in a build without
// it.
func Main(args []string, streams Streams, controlPlane ControlPlane) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once; the next verb puts back what that leaves
	a := &app{Streams: streams, args: args, controlPlane: controlPlane, progress: report.New(streams.Err)}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	return a.exitCode(ctx, root.ExecuteContext(ctx))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kubecraft",
		Short: "Make, run and grow a Kubernetes-style control plane of your own",
		Long: `Make, run and grow a Kubernetes-style control plane of your own: an API server with your own types, compiled in,
that needs no cluster, no etcd and no containers.`,
		Example: `  kubecraft demo                                # see all of it, in a temporary folder
  kubecraft init demo --module example.com/demo
  cd demo
  kubecraft add type example/v1 Bar --short-names br
  kubecraft serve`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          showHelp,
	}
	root.PersistentFlags().CountVarP(&a.verbose, "verbose", "v", "say more: -v each step with its time, -vv the generators' own log too")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, "%v", err) })
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Example: "  kubecraft help add type",
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err == nil {
				err = noSuchCommand(about, rest)
			}
			if err != nil {
				return err
			}
			return about.Help()
		},
	})
	root.AddCommand(a.initCommand(), a.addCommand(), a.removeCommand(), a.listCommand(), a.doctorCommand(), a.generateCommand(), a.serveCommand(), a.stopCommand(), a.kubectlCommand(), a.whyCommand(), a.scaleCommand(), a.monitorCommand(), a.resetCommand(), a.demoCommand(), a.learnCommand(),
		a.completionCommand(), a.versionCommand(), a.codegenCommand())
	return root
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// noSuchCommand is the argument check of commands that only group others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		hint = fmt.Sprintf(", did you mean %s?", strings.Join(like, " or "))
	}
	return usage(cmd, "there is no command %q%s", strings.TrimSpace(commandName(cmd)+" "+args[0]), hint)
}

// commandName is how a command is called, without the program.
func commandName(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

// usageError is a command line that makes no sense.
type usageError struct {
	message string
	command string // whose help to read
}

func (e *usageError) Error() string { return e.message }

func usage(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...), command: cmd.CommandPath()}
}

// toldError is an error of which the user has seen all there is to see.
type toldError struct {
	code int
}

func (e *toldError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitCode says what went wrong, in a line, and turns it into the exit code.
func (a *app) exitCode(ctx context.Context, err error) int {
	var wrong *usageError
	var told *toldError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		return told.code
	case errors.As(err, &wrong):
		a.progress.Line("kubecraft: %s (see `%s --help`)", wrong.message, wrong.command)
		return 2
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		a.progress.Line("kubecraft: interrupted")
		return 1
	}
	// Findings with a place stand at the start of their line, where editors look for them.
	lines := strings.Split(strings.TrimRight(err.Error(), "\n"), "\n")
	if len(lines) > 1 {
		for _, line := range lines {
			a.progress.Line("%s", line)
		}
		return 1
	}
	a.progress.Line("kubecraft: %s", lines[0])
	return 1
}

// exactly checks the number of arguments and names them when it is wrong.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(names) == 0 {
			return usage(cmd, "%s takes no arguments, not %q", commandName(cmd), strings.Join(args, " "))
		}
		return usage(cmd, "%s takes %s, not %q", commandName(cmd), strings.Join(names, " and "), strings.Join(args, " "))
	}
}
