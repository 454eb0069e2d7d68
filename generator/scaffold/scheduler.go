package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/component"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// schedulersDir holds the schedulers of a project's own, a package each.
const schedulersDir = "pkg/components/scheduler"

// schedulerFunction is what the package of a scheduler has for the list of parts.
const schedulerFunction = "Scheduler"

// NewScheduler returns the names of a scheduler of one's own.
func NewScheduler(name string) (component.Component, error) {
	return component.New(name, append(Parts(), takenNames()...)...)
}

// takenNames are names that a scheduler cannot have beside those of parts: the default one has the first, and with -config behind them the others
// are flags of kube-apiserver's.
func takenNames() []string {
	return []string{"default-scheduler", "admission-control", "authentication", "authorization", "egress-selector", "encryption-provider", "runtime", "tracing"}
}

func schedulerTemplates() map[string]string {
	return map[string]string{
		"scheduler.go":      "scheduler/scheduler.go.tmpl",
		"filter.go":         "scheduler/filter.go.tmpl",
		"score.go":          "scheduler/score.go.tmpl",
		"config.yaml":       "scheduler/config.yaml.tmpl",
		"scheduler_test.go": "scheduler/scheduler_test.go.tmpl",
	}
}

// AddScheduler returns the files that a scheduler of one's own adds to a project or changes: its package, with a Filter and a
// Score plugin, their configuration and their test; main.go, which lists the parts; and the modules. A package that is there stays as it is.
func AddScheduler(p *project.Project, scheduler component.Component) (*Result, error) {
	d := newDraft(p)
	if whole, err := d.hasWhole(); err != nil {
		return nil, err
	} else if !whole {
		return nil, fmt.Errorf("a scheduler needs the whole built-in API, which the project does not serve: kubecraft add builtin --all first")
	}
	before, err := d.cluster()
	if err != nil {
		return nil, err
	}
	result := &Result{}
	dir := path.Join(schedulersDir, scheduler.Package)
	wired := before.scheduler(scheduler.Package)
	if there, err := d.filesIn(dir); err != nil {
		return nil, err
	} else if len(there) == 0 {
		files, err := renderAll(schedulerTemplates(), scheduler)
		if err != nil {
			return nil, err
		}
		for name, content := range files {
			if err := d.write(path.Join(dir, name), content); err != nil {
				return nil, err
			}
		}
	} else if found, err := d.schedulerIn(scheduler.Package); err != nil {
		return nil, err
	} else if found.Name != scheduler.Name {
		return nil, fmt.Errorf("%s: is the package of the scheduler %s: give this one another name", d.onDisk(dir), found.Name)
	} else if wired == nil {
		result.Notes = append(result.Notes, dir+" was there, and stays as it is")
	}
	if wired == nil {
		err = d.editMain(withImports([]imported{{d.importPath(dir), scheduler.Package}}, func(filename string, src []byte, names []string) ([]byte, error) {
			return rewrite.AddPart(filename, src, names[0]+"."+schedulerFunction+"()")
		}))
		if err != nil {
			return nil, err
		}
	}
	after, err := d.editModulesOf(before)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, part := range []string{"controllers", "kubelet"} {
		if !slices.Contains(after.parts, part) {
			missing = append(missing, part)
		}
	}
	if len(missing) > 0 && len(d.changed) > 0 {
		result.Notes = append(result.Notes, "for pods to run the cluster needs controllers and nodes too: kubecraft add part "+strings.Join(missing, " "))
	}
	result.Files, result.Before = d.changed, d.before
	return result, nil
}

// RemoveScheduler undoes AddScheduler, byte for byte in files that have not changed since. A package in which something has
// stays where it is, and a note says so.
func RemoveScheduler(p *project.Project, scheduler component.Component) (*Result, error) {
	d := newDraft(p)
	before, err := d.cluster()
	if err != nil {
		return nil, err
	}
	dir := path.Join(schedulersDir, scheduler.Package)
	if wired := before.scheduler(scheduler.Package); wired == nil || wired.Name != scheduler.Name {
		return &Result{}, nil
	}
	err = d.editMain(withoutPart(d.importPath(dir), schedulerFunction))
	if missing := new(rewrite.NotFoundError); errors.As(err, &missing) {
		return nil, fmt.Errorf("%s: the scheduler %s is not made by %s.%s() there, as add scheduler writes it: take it out by hand", missing.File, scheduler.Name, scheduler.Package, schedulerFunction)
	} else if err != nil {
		return nil, err
	}
	result := &Result{}
	ours, err := renderAll(schedulerTemplates(), scheduler)
	if err != nil {
		return nil, err
	}
	there, err := d.filesIn(dir)
	if err != nil {
		return nil, err
	}
	changed := slices.DeleteFunc(slices.Clone(there), func(name string) bool {
		content, err := d.read(path.Join(dir, name))
		return err == nil && bytes.Equal(content, ours[name])
	})
	for _, name := range there {
		d.removed = append(d.removed, path.Join(dir, name))
	}
	used, err := d.imports(d.importPath(dir))
	if err != nil {
		return nil, err
	}
	switch {
	case len(changed) > 0:
		result.Notes = append(result.Notes, fmt.Sprintf("%s stays, as its %s is not what add scheduler wrote: remove it by hand if you do not need it", dir, changed[0]))
		d.removed = nil
	case used:
		result.Notes = append(result.Notes, dir+" stays, as the project imports it elsewhere")
		d.removed = nil
	}
	result.Remove = d.removed
	if _, err := d.editModulesOf(before); err != nil {
		return nil, err
	}
	result.Files, result.Before = d.changed, d.before
	return result, nil
}

// importPath is that of a folder of the project.
func (a *draft) importPath(dir string) string { return path.Join(a.project.Module, dir) }

// filesIn returns the names in a folder of the project, which may not be there.
func (a *draft) filesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(a.onDisk(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// Schedulers returns the names of the schedulers of one's own that a project's control plane has.
func Schedulers(p *project.Project) ([]string, error) {
	d := newDraft(p)
	has, err := d.cluster()
	return cluster{schedulers: has.schedulers}.names(), err
}

// schedulerIn returns the scheduler of a package, by the constant Name that add scheduler writes, or else by the package's own name.
func (a *draft) schedulerIn(name string) (component.Component, error) {
	found := component.Component{Name: name, Package: name}
	p, err := a.parsePackage(path.Join(schedulersDir, name))
	if err != nil {
		return found, err
	}
	declared := p.declaration("Name")
	if declared == nil || declared.tok != token.CONST {
		return found, nil
	}
	for _, spec := range declared.decl.(*ast.GenDecl).Specs {
		value := spec.(*ast.ValueSpec)
		for i, of := range value.Names {
			if of.Name != "Name" || i >= len(value.Values) {
				continue
			}
			if text, ok := value.Values[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
				found.Name, err = strconv.Unquote(text.Value)
			}
		}
	}
	return found, err
}
