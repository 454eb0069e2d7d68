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
		if i := (instance{dir: filepath.Join(root, entry.Name())}); i.exists() {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}

func (i instance) data() string       { return filepath.Join(i.dir, "data") }
func (i instance) pki() string        { return filepath.Join(i.dir, "pki") }
func (i instance) kubeconfig() string { return filepath.Join(i.pki(), "kubeconfig") }

// cluster is what the kubeconfig calls it.
func (i instance) cluster() string {
	if i.name == defaultInstance {
		return "kubecraft"
	}
	return "kubecraft-" + i.name
}

// exists says whether it has ever been served.
func (i instance) exists() bool {
	_, err := os.Stat(i.kubeconfig())
	return err == nil
}

// unknown says that there is no such instance, and which there are.
func (i instance) unknown() error {
	others := instances()
	if len(others) == 0 {
		return fmt.Errorf("there is no instance %q: none has been served yet (kubecraft serve --name %s)", i.name, i.name)
	}
	return fmt.Errorf("there is no instance %q; there are: %s", i.name, strings.Join(others, ", "))
}

// temporaryMark is a file in the folder of an instance that keeps nothing.
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
	if err := i.prepare(cmd.Flags().Lookup("storage").Value.String() == "memory"); err != nil {
		return err
	}
	kubeconfig := i.kubeconfig()
	if flag := cmd.Flags().Lookup("write-kubeconfig"); flag.Changed {
		if kubeconfig, err = filepath.Abs(flag.Value.String()); err != nil {
			return err
		}
	}
	own := []string{"--data=" + i.data(), "--pki=" + i.pki(), "--write-kubeconfig=" + kubeconfig}
	code := a.controlPlane.Serve(i.cluster(), append(own, pass...), func(stdout io.Writer) {
		fmt.Fprintf(stdout, "\n%s\n", setVariable("KUBECONFIG", kubeconfig))
	})
	if err := i.tidy(); err != nil {
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

// prepare makes the folder. What a temporary instance has left that was killed goes first.
func (i instance) prepare(temporary bool) error {
	if err := i.tidy(); err != nil {
		return err
	}
	_, err := os.Stat(i.dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the instance's folder: %w; make it writable, or set XDG_DATA_HOME to another place", err)
	}
	if !temporary || !isNew {
		return nil // the certificates of one that keeps its data stay
	}
	return os.WriteFile(filepath.Join(i.dir, temporaryMark), nil, 0o600)
}

// tidy removes a temporary instance.
func (i instance) tidy() error {
	if _, err := os.Stat(filepath.Join(i.dir, temporaryMark)); err != nil {
		return nil
	}
	return os.RemoveAll(i.dir)
}
