package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/datafolder"
)

// defaultInstance is the name of the one that is meant when none is said.
const defaultInstance = "default"

// instance is a control plane outside projects: a folder of the user's with its data and its certificates.
type instance struct {
	name string
	dir  string
}

// instanceNames is what an instance may be called: its name is that of a folder, and of a context in a kubeconfig.
var instanceNames = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// namedInstance returns the instance of a name, which need not be there.
func namedInstance(name string) (instance, error) {
	if !instanceNames.MatchString(name) {
		return instance{}, fmt.Errorf("%q cannot be an instance's name: use lower-case letters, digits and hyphens", name)
	}
	root, err := instancesFolder()
	if err != nil {
		return instance{}, err
	}
	return instance{name: name, dir: filepath.Join(root, name)}, nil
}

// instancesFolder is where the system has its programs keep a user's data.
func instancesFolder() (string, error) {
	home, err := os.UserHomeDir()
	var root string
	switch {
	case runtime.GOOS == "windows":
		root = os.Getenv("LocalAppData")
	case runtime.GOOS == "darwin" && err == nil:
		root = filepath.Join(home, "Library", "Application Support")
	case filepath.IsAbs(os.Getenv("XDG_DATA_HOME")):
		root = os.Getenv("XDG_DATA_HOME")
	case err == nil:
		root = filepath.Join(home, ".local", "share")
	}
	if root == "" {
		return "", errors.New("there is no folder for a control plane's data: set HOME or XDG_DATA_HOME")
	}
	return filepath.Join(root, "kubecraft"), nil
}

// instances are the names of those that are there.
func instances() []string {
	root, err := instancesFolder()
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if servedIn(filepath.Join(root, entry.Name())) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}

// dataIn, pkiIn and kubeconfigIn are where a server that was started in a folder, a project's or an instance's, has its things.
func dataIn(dir string) string       { return filepath.Join(dir, "data") }
func pkiIn(dir string) string        { return filepath.Join(dir, "pki") }
func kubeconfigIn(dir string) string { return filepath.Join(pkiIn(dir), "kubeconfig") }

// cluster is what the kubeconfig calls it.
func (i instance) cluster() string {
	if i.name == defaultInstance {
		return "kubecraft"
	}
	return "kubecraft-" + i.name
}

// servedIn says whether a server has been started in a folder.
func servedIn(dir string) bool {
	_, err := os.Stat(kubeconfigIn(dir))
	return err == nil
}

// neverServed says that no server has been started in a folder, and which instances there are.
func neverServed(dir string) error {
	others := "no instance has been served either"
	if names := instances(); len(names) > 0 {
		others = "instances: " + strings.Join(names, ", ")
	}
	return fmt.Errorf("nothing has been served from %s; %s", dir, others)
}

// temporaryMark is a file in the folder of an instance that keeps nothing, locked by its server.
const temporaryMark = "temporary"

// serveInstance runs Kubernetes until it is told to stop. The arguments are the server's, as serverFlags makes them.
func (a *app) serveInstance(cmd *cobra.Command, name string, pass []string) error {
	i, err := namedInstance(name)
	if err != nil {
		return usage(cmd, "%v", err)
	}
	if a.controlPlane == nil {
		return a.handOver(cmd.Context())
	}
	leave, err := i.enter(cmd.Flags().Lookup("storage").Value.String() == "memory")
	if err != nil {
		return err
	}
	kubeconfig := kubeconfigIn(i.dir)
	if flag := cmd.Flags().Lookup("write-kubeconfig"); flag.Changed {
		if kubeconfig, err = filepath.Abs(flag.Value.String()); err != nil {
			return err
		}
	}
	own := []string{"--data=" + dataIn(i.dir), "--pki=" + pkiIn(i.dir), "--write-kubeconfig=" + kubeconfig}
	code := a.controlPlane.Serve(i.cluster(), append(own, pass...), func(stdout io.Writer) {
		fmt.Fprintf(stdout, "\n%s\n", setVariable("KUBECONFIG", kubeconfig))
	})
	if err := leave(); err != nil {
		return err
	}
	if code != 0 {
		return &toldError{code}
	}
	return nil
}

// setVariable is what sets an environment variable in the shell that people have.
func setVariable(name, value string) string {
	if runtime.GOOS == "windows" {
		return fmt.Sprintf("$env:%s = \"%s\"", name, value)
	}
	return fmt.Sprintf("export %s=%s", name, shellQuoted(value))
}

// shellQuoted is text as a POSIX shell reads it back.
func shellQuoted(text string) string {
	if !strings.ContainsAny(text, " \t\"'$&|;<>()*?[]#~`\\!{}") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// enter makes the folder. One that is temporary and new is locked while it is served, and leave removes it; what a temporary one
// has left that was killed goes first.
func (i instance) enter(temporary bool) (leave func() error, err error) {
	mark := filepath.Join(i.dir, temporaryMark)
	remove := func(lock *os.File) error {
		lock.Close() // Windows removes no open file
		return os.RemoveAll(i.dir)
	}
	if _, err := os.Stat(mark); err == nil {
		lock, err := datafolder.Acquire(mark)
		if err != nil {
			return nil, fmt.Errorf("the instance %q %w", i.name, err)
		}
		if err := remove(lock); err != nil {
			return nil, err
		}
	}
	_, err = os.Stat(i.dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the instance's folder: %w; make it writable, or set XDG_DATA_HOME to another place", err)
	}
	if !temporary || !isNew {
		return func() error { return nil }, nil // the certificates of one that keeps its data stay
	}
	lock, err := datafolder.Acquire(mark)
	if err != nil {
		return nil, fmt.Errorf("the instance %q %w", i.name, err)
	}
	fmt.Fprintln(lock, os.Getpid())
	return func() error { return remove(lock) }, nil
}
