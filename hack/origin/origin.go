// Package origin says whose code a server's packages are, for the benchmarks that split what they measure.
package origin

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Whose packages are, in the order that tables list them.
const (
	Upstream  = "k8s.io/apiserver and its imports"
	SQLite    = "SQLite"
	Kubecraft = "kubecraft and the project"
	Others    = "other libraries"
)

// All are the origins there are.
func All() []string { return []string{Upstream, SQLite, Kubecraft, Others} }

// Table knows the packages that any server of this kind consists of: upstream's generic API server, its registry, the
// etcd3 storage and the watch cache, with all that they import.
type Table struct {
	upstream map[string]bool
}

// New lists upstream's packages with the go command.
func New() (*Table, error) {
	list := exec.Command("go", "list", "-deps", "k8s.io/apiserver/pkg/server", "k8s.io/apiserver/pkg/registry/generic/registry",
		"k8s.io/apiserver/pkg/storage/etcd3", "k8s.io/apiserver/pkg/storage/cacher")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	t := &Table{upstream: map[string]bool{}}
	for line := range strings.Lines(string(out)) {
		t.upstream[strings.TrimSpace(line)] = true
	}
	return t, nil
}

// Of returns whose a package is, given its import path.
func (t *Table) Of(path string) string {
	switch {
	case t.upstream[path]:
		return Upstream
	case strings.HasPrefix(path, "modernc.org/"), strings.HasPrefix(path, "github.com/remyoudompheng/bigfft"):
		return SQLite
	case strings.HasPrefix(path, "github.com/kubecraft/"), strings.HasPrefix(path, "example.com/"), path == "main":
		return Kubecraft
	}
	return Others
}
