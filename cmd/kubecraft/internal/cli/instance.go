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

const (
	// instanceLock is a file in an instance's folder, locked by its server.
	instanceLock = "instance.lock"
	// temporaryMark is one in the folder of an instance that keeps nothing.
	temporaryMark = "temporary"
	// dataNote is one that says where the data is, if it is not in the instance's folder.
	dataNote = "data-folder"
)

// serveInstance runs Kubernetes until it is told to stop. The arguments are the server's, as serverFlags makes them.
func (a *app) serveInstance(cmd *cobra.Command, name string, pass []string) error {
	i, err := namedInstance(name)
	if err != nil {
		return usage(cmd, "%v", err)
	}
	if a.controlPlane == nil {
		return a.handOver(cmd.Context())
	}
	data := cmd.Flags().Lookup("data").Value.String()
	if data != "" {
		if data, err = filepath.Abs(data); err != nil {
			return err
		}
	}
	leave, err := i.enter(cmd.Flags().Lookup("storage").Value.String() == "memory", data)
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

// lock keeps others from serving the instance, and from emptying it, until the file is closed. The folder is made if need be.
func (i instance) lock() (*os.File, error) {
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the instance's folder: %w; make it writable, or set XDG_DATA_HOME to another place", err)
	}
	path := filepath.Join(i.dir, instanceLock)
	lock, err := datafolder.Acquire(path)
	if err != nil {
		return nil, fmt.Errorf("the instance %q %w", i.name, err)
	}
	held, err := lock.Stat()
	var there fs.FileInfo
	if err == nil {
		there, err = os.Stat(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(held, there):
		err = errors.New("its server has just removed its folder: try again")
	case err == nil:
		err = lock.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(lock, os.Getpid())
	}
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("the instance %q cannot be locked: %w", i.name, err)
	}
	return lock, nil
}

// enter locks the folder while it is served. One that is temporary, and new, is removed by leave; what a temporary one has left that
// was killed goes first. It notes where the data is, if that is elsewhere.
func (i instance) enter(temporary bool, data string) (leave func() error, err error) {
	lock, err := i.lock()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	mark := filepath.Join(i.dir, temporaryMark)
	if _, err := os.Stat(mark); err == nil {
		if err := i.clear(); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(i.dir)
	if err != nil {
		return nil, err
	}
	if !temporary {
		if err := i.noteData(data); err != nil {
			return nil, err
		}
	}
	if !temporary || len(entries) > 1 {
		return lock.Close, nil // the certificates of one that keeps its data stay
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return nil, err
	}
	return func() error { return i.remove(lock) }, nil
}

// clear removes all but the lock.
func (i instance) clear() error {
	entries, err := os.ReadDir(i.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() != instanceLock {
			err = errors.Join(err, os.RemoveAll(filepath.Join(i.dir, entry.Name())))
		}
	}
	return err
}

// remove removes the folder that is locked, and nothing of a server that begins there meanwhile.
func (i instance) remove(lock *os.File) error {
	err := i.clear()
	path := filepath.Join(i.dir, instanceLock)
	gone := os.Remove(path) == nil
	lock.Close()
	if !gone {
		_ = os.Remove(path) // Windows removes no open file
	}
	_ = os.Remove(i.dir)
	return err
}

// noteData keeps in mind which data folder the instance was told to use, for those who look for its data in its own.
func (i instance) noteData(data string) error {
	note := filepath.Join(i.dir, dataNote)
	if data != "" {
		return os.WriteFile(note, []byte(data+"\n"), 0o600)
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// dataElsewhere returns the data folder that the instance was last served with; "" if it is its own.
func (i instance) dataElsewhere() string {
	text, err := os.ReadFile(filepath.Join(i.dir, dataNote))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}
