package controlplane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/storage"
)

// Exit codes of Main.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Main runs a control plane made of parts until SIGINT or SIGTERM, and returns the process's exit code: 0 after a stop,
// 1 after a failure, 2 for wrong usage. It is what a project's main.go calls, with os.Args[1:].
func Main(name string, args []string, parts ...Part) int {
	return Command{Name: name, Parts: parts}.Main(args)
}

// Command is a control plane as a program.
type Command struct {
	// Name stands in messages and, unless Cluster is set, in the kubeconfig.
	Name, Cluster string
	Parts         []Part
	// Ready is called once the server is, after that is said. May be nil.
	Ready func(stdout io.Writer)
}

// Main runs the program as the function of this name does.
func (p Command) Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal begins the stop; the second ends the process, whatever it waits for.
	context.AfterFunc(ctx, stop)
	return p.run(ctx, args, os.Stdout, os.Stderr, setLogging)
}

// run is Main for a process of which more than one may be played in a test. The log is the real process's alone: there is
// one, and it cannot be replaced while servers run.
func (p Command) run(ctx context.Context, args []string, stdout, stderr io.Writer, setLogging func(verbosity int, name string, stderr io.Writer)) int {
	begin, name := time.Now(), p.Name
	if err := checkNames(p.Parts); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return exitFailed
	}
	o := Options{Name: cmp.Or(p.Cluster, name), ownsProcess: true}
	var verbosity int
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stdout, `Runs %[1]s, a Kubernetes-style control plane, until Ctrl-C.

Examples:
  %[1]s
  %[1]s --port 8443 --storage memory

Flags:
%[2]s
A control plane that serves the built-in API takes kube-apiserver's flags too.
`, name, flags.FlagUsages())
	}
	flags.StringVar(&o.Address, "address", "127.0.0.1", "address to listen on; any but loopback is reached from other machines")
	flags.IntVar(&o.Port, "port", 0, "port to listen on; 0 is the one chosen at the first start and kept in the data folder")
	flags.StringVar(&o.Data, "data", "data", "folder of the database")
	flags.StringVar(&o.PKI, "pki", "pki", "folder of certificates and keys, made on first start and renewed before they expire")
	flags.StringVar(&o.Storage, "storage", "sqlite", "where objects live: sqlite, memory, or etcd")
	flags.StringSliceVar(&o.EtcdServers, "etcd-servers", nil, "client URLs of the servers of --storage etcd")
	flags.StringVar(&o.Kubeconfig, "write-kubeconfig", "", "file to write the administrator's kubeconfig to; other entries in it stay (default kubeconfig in the --pki folder)")
	var without []string
	optional := p.optional()
	if len(optional) > 0 {
		flags.StringSliceVar(&without, "without", nil, "parts to leave out, of "+strings.Join(slices.Sorted(maps.Keys(optional)), ", "))
	}
	for _, part := range optional {
		part.AddFlags(flags)
	}
	flags.IntVarP(&verbosity, "v", "v", 0, "log level, to stderr; 0 leaves out what the API machinery logs")
	usage := func(err error) int {
		fmt.Fprintf(stderr, "%s: %v (see %s --help)\n", name, err, name)
		return exitUsage
	}
	args, o.APIServerArgs = split(flags, args)
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return exitDone
	} else if err != nil {
		return usage(err)
	}
	if flags.NArg() > 0 {
		return usage(fmt.Errorf("unexpected argument %q", flags.Arg(0)))
	}
	if err := checkPartFlags(o.APIServerArgs); err != nil {
		return usage(err)
	}
	if len(o.EtcdServers) > 0 && o.Storage != storage.Etcd {
		return usage(fmt.Errorf("--etcd-servers is for --storage etcd"))
	}
	if o.Port < 0 || o.Port > 65535 {
		return usage(fmt.Errorf("--port %d is not a port", o.Port))
	}
	parts, err := p.partsWithout(without)
	if err != nil {
		return usage(err)
	}
	if !flags.Changed("write-kubeconfig") {
		o.Kubeconfig = filepath.Join(o.PKI, "kubeconfig")
	}
	setLogging(verbosity, name, stderr)

	c, err := Start(ctx, o, parts...)
	if err != nil {
		if ctx.Err() != nil {
			return exitDone
		}
		if wrong, ok := errors.AsType[*UsageError](err); ok {
			return usage(wrong)
		}
		fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(err))
		return exitFailed
	}
	fmt.Fprintf(stdout, "ready in %d ms   %s", time.Since(begin).Milliseconds(), c.URL())
	if o.Kubeconfig != "" {
		fmt.Fprintf(stdout, "   kubeconfig %s", o.Kubeconfig)
	}
	fmt.Fprintln(stdout)
	if c.isNew && !c.namespaces {
		fmt.Fprintln(stdout, "namespaced objects are accepted in any namespace until the project serves namespaces")
	}
	if p.Ready != nil {
		p.Ready(stdout)
	}
	looking, stopLooking := context.WithCancel(ctx)
	var stale sync.WaitGroup
	stale.Go(func() { warnOfStale(looking, c, name, stderr) })
	select {
	case <-ctx.Done():
	case <-c.Done():
	}
	stopLooking()
	stale.Wait()
	if err := c.Stop(); err != nil {
		fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(err))
		return exitFailed
	}
	return exitDone
}

// checkPartFlags says of a flag that nobody here knows which part it is for.
func checkPartFlags(args []string) error {
	parts := map[string]string{"nodes": "kubelet", "stages": "kubelet", "controllers": "controllers", "scheduler-config": "scheduler"}
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if part, ok := parts[name]; ok && strings.HasPrefix(arg, "--") {
			return fmt.Errorf("--%s is for the part %s, which this control plane does not have; kubecraft add part %s adds it to a project", name, part, part)
		}
		if name == "without" && strings.HasPrefix(arg, "--") {
			return errors.New("--without: this control plane has no parts that can be left out")
		}
	}
	return nil
}

// optional are the parts that can be left out, by name.
func (p Command) optional() map[string]Optional {
	all := map[string]Optional{}
	for _, part := range p.Parts {
		if optional, ok := part.(Optional); ok {
			all[optional.Name()] = optional
		}
	}
	return all
}

// checkNames says of two parts that have one name which: neither flags nor --without could tell them apart.
func checkNames(parts []Part) error {
	taken := map[string]bool{}
	for _, part := range parts {
		optional, ok := part.(Optional)
		if !ok {
			continue
		}
		switch name := optional.Name(); {
		case name == "":
			return fmt.Errorf("a part of the control plane, a %T, has no name: give it one where it is made", part)
		case taken[name]:
			return fmt.Errorf("two parts of the control plane are called %s: give one another name where it is made", name)
		default:
			taken[name] = true
		}
	}
	return nil
}

// partsWithout returns the parts but those of some names.
func (p Command) partsWithout(names []string) ([]Part, error) {
	optional := p.optional()
	for _, name := range names {
		if _, ok := optional[name]; !ok {
			return nil, fmt.Errorf("--without %s: the parts that can be left out are %s", name, strings.Join(slices.Sorted(maps.Keys(optional)), ", "))
		}
	}
	var parts []Part
	for _, part := range p.Parts {
		if o, ok := part.(Optional); !ok || !slices.Contains(names, o.Name()) {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// split tells the server's own flags from others, which are for kube-apiserver's options: what flags does not know, and what
// follows --. There are no arguments but flags, so what stands after one that is not known is its value.
func split(flags *pflag.FlagSet, args []string) (own, others []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return own, append(others, args[i+1:]...)
		}
		name, _, hasValue := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if !strings.HasPrefix(arg, "--") || name == "help" || flags.Lookup(name) != nil {
			own = append(own, arg)
			continue
		}
		others = append(others, arg)
		if !hasValue && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			others = append(others, args[i])
		}
	}
	return own, others
}

// warnOfStale says what the types have lost since the objects were stored. It runs beside the server: a start does not
// wait for every object to be read, unless one keeps it from getting ready.
func warnOfStale(ctx context.Context, c *ControlPlane, name string, stderr io.Writer) {
	stale := c.stale
	if stale == nil {
		all, err := c.server.FindStale(ctx, c.store.Client().Kubernetes)
		if err != nil {
			return // the server has stopped, or will say so itself
		}
		stale = &all
	}
	for _, kind := range []struct {
		found      apiserver.Found
		what, then string
	}{
		{stale.LostFields, "with fields that their types no longer have", "the fields are lost when an object is next written"},
		{stale.Unserved, "of kinds or versions that are no longer served", "they stay as they are"},
		{stale.Unreadable, "that do not fit their types any more", "nothing of their resources is listed; mend the types and start again, or empty the data with kubecraft reset"},
	} {
		if kind.found.Count > 0 {
			example := strings.Join(strings.Fields(kind.found.Example), " ")
			fmt.Fprintf(stderr, "%s: warning: stored objects %s: %d; %s (such as %s)\n", name, kind.what, kind.found.Count, kind.then, example)
		}
	}
}
