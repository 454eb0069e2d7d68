package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/templates"
)

// composition names one of the sets of modules that a project's code imports. Its go.mod as `go mod tidy` leaves it is in
// templates/project/modules; hack/update-gomod.sh writes it.
type composition string

const (
	withoutTypes composition = "empty"
	withTypes    composition = "types"
	withScale    composition = "scale" // and at least one type with the scale subresource
	// withBuiltin is what the built-in API adds to any of them, withResources what resources of it do that are served one by
	// one.
	withBuiltin   composition = "builtin"
	withResources composition = "resources"
	// withParts is what the parts of a cluster add to the built-in API: controllers, scheduler and kubelet.
	withParts composition = "parts"
	// withSchedulers is what a scheduler of one's own and its test import, beside all parts.
	withSchedulers composition = "schedulers"
	// These are what a component of one's own and its test import.
	withTokens      composition = "tokens"
	withOIDC        composition = "oidc"
	withAuthorizers composition = "authorizers"
	withAdmission   composition = "admission"
	// withControllers is what a controller of one's own and its test import: resources that it needs among it.
	withControllers composition = "controllers"
	// withKubelets is what a kubelet of one's own and its test import, beside all parts.
	withKubelets composition = "kubelets"
)

// isKubernetes says of a composition whether it has code of Kubernetes in it, and so sums of its own.
func (c composition) isKubernetes() bool {
	return c == withBuiltin || c == withResources || c == withParts || c == withSchedulers || c == withControllers || c == withKubelets
}

// unreleased is the version that a replaced kubecraft is required at.
const unreleased = "v0.0.0"

func (c composition) module() (*modfile.File, error) {
	name := "project/modules/" + string(c) + ".mod"
	text, err := templates.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, text, nil)
}

// sums returns the go.sum that a composition has, the same for all but those with the built-in API. Tidy counts what the
// tests of dependencies import, and bundled sources have none, so theirs is smaller.
func (c composition) sums(mod *modfile.File) ([]byte, error) {
	name := "project"
	for _, r := range mod.Replace {
		if r.Old.Path == KubecraftModule && r.New.Path == "./"+Bundled {
			name = "bundled"
		}
	}
	switch {
	case c == withSchedulers, c == withKubelets:
		name += "-" + string(withParts) // they import more themselves, and nothing else
	case c.isKubernetes(), c == withOIDC:
		name += "-" + string(c)
	}
	return templates.Files.ReadFile("project/modules/" + name + ".sum")
}

// newModule returns the go.mod and go.sum of a new project.
func newModule(o InitOptions) (mod, sum []byte, err error) {
	file, err := withoutTypes.module()
	if err != nil {
		return nil, nil, err
	}
	if err := file.AddModuleStmt(o.Module); err != nil {
		return nil, nil, err
	}
	d := o.Kubecraft
	switch {
	case d.Version != "":
		err = file.AddRequire(KubecraftModule, d.Version)
	case d.Replace != "":
		err = file.AddReplace(KubecraftModule, "", d.Replace, "")
	default:
		err = file.AddReplace(KubecraftModule, "", "./"+Bundled, "")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("go.mod of the new project: %w", err)
	}
	if sum, err = withoutTypes.sums(file); err != nil {
		return nil, nil, err
	}
	file.Cleanup()
	mod, err = file.Format()
	return mod, mergeSums(sum, d.sums()), err
}

// sums returns the lines of go.sum for kubecraft itself.
func (d Dependency) sums() []byte {
	var lines []byte
	if d.Sum != "" {
		lines = fmt.Appendf(lines, "%s %s %s\n", KubecraftModule, d.Version, d.Sum)
	}
	if d.ModSum != "" {
		lines = fmt.Appendf(lines, "%s %s/go.mod %s\n", KubecraftModule, d.Version, d.ModSum)
	}
	return lines
}

// updateModule brings a project's go.mod and go.sum to what its code asks for once it is of composition c: modules that
// are missing are required, and those that the project now imports itself are marked as direct. Everything else, the
// user's own requirements and comments included, stays; with nothing to change the very bytes are returned.
func updateModule(modName string, mod, sum []byte, c composition) (newMod, newSum []byte, err error) {
	file, err := modfile.Parse(modName, mod, nil)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := c.module()
	if err != nil {
		return nil, nil, err
	}
	wantedSum, err := c.sums(file)
	if err != nil {
		return nil, nil, err
	}
	excluded, err := excludeAll(file, wanted)
	if err != nil {
		return nil, nil, err
	}
	if requireAll(file, wanted) || excluded {
		file.Cleanup()
		if mod, err = file.Format(); err != nil {
			return nil, nil, err
		}
	}
	return mod, mergeSums(sum, wantedSum), nil
}

// withdrawModule takes out of a project's go.mod and go.sum what updateModule has put in for some compositions and none of those
// that stay needs. What the project's own code imports itself, as imports says of a module, stays.
func withdrawModule(modName string, mod, sum []byte, leaving, staying []composition, imports func(module string) (bool, error)) (newMod, newSum []byte, err error) {
	file, err := modfile.Parse(modName, mod, nil)
	if err != nil {
		return nil, nil, err
	}
	needed, direct, excluded := map[string]bool{}, map[string]bool{}, map[module.Version]bool{}
	var base []byte
	for _, c := range staying {
		kept, err := c.module()
		if err != nil {
			return nil, nil, err
		}
		for _, r := range kept.Require {
			needed[r.Mod.Path] = true
			// Not every project with types has one that scales.
			direct[r.Mod.Path] = direct[r.Mod.Path] || !r.Indirect && c != withScale
		}
		for _, x := range kept.Exclude {
			excluded[x.Mod] = true
		}
		sums, err := c.sums(file)
		if err != nil {
			return nil, nil, err
		}
		base = append(base, sums...)
	}
	changed := false
	of, madeDirect := map[string]bool{}, map[string]bool{}
	for _, c := range leaving {
		added, err := c.module()
		if err != nil {
			return nil, nil, err
		}
		for _, r := range added.Require {
			of[r.Mod.Path] = !needed[r.Mod.Path]
			madeDirect[r.Mod.Path] = !r.Indirect && !direct[r.Mod.Path]
		}
		for _, x := range added.Exclude {
			if excluded[x.Mod] || !excludes(file, x.Mod) {
				continue
			}
			if err := file.DropExclude(x.Mod.Path, x.Mod.Version); err != nil {
				return nil, nil, err
			}
			changed = true
		}
		more, err := c.sums(file)
		if err != nil {
			return nil, nil, err
		}
		sum = withoutSums(sum, more, base)
	}
	demoted := false
	for _, r := range file.Require {
		if !r.Indirect && madeDirect[r.Mod.Path] {
			own, err := imports(r.Mod.Path)
			if err != nil {
				return nil, nil, err
			}
			if !own {
				r.Indirect, demoted = true, true
			}
		}
	}
	if demoted {
		var requires []*modfile.Require
		for _, r := range file.Require {
			requires = append(requires, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect})
		}
		file.SetRequireSeparateIndirect(requires)
		changed = true
	}
	for _, r := range file.Require {
		if r.Indirect && of[r.Mod.Path] {
			if err := file.DropRequire(r.Mod.Path); err != nil {
				return nil, nil, err
			}
			changed = true
		}
	}
	if changed {
		file.Cleanup()
		if mod, err = file.Format(); err != nil {
			return nil, nil, err
		}
	}
	return mod, sum, nil
}

// withoutSums returns the lines of a go.sum that are not of drop, or are of keep.
func withoutSums(sum, drop, keep []byte) []byte {
	kept := map[string]bool{}
	for line := range bytes.Lines(keep) {
		kept[string(line)] = true
	}
	dropped := map[string]bool{}
	for line := range bytes.Lines(drop) {
		dropped[string(line)] = !kept[string(line)]
	}
	var out []byte
	for line := range bytes.Lines(sum) {
		if !dropped[string(line)] {
			out = append(out, line...)
		}
	}
	return out
}

// excludeAll reports whether it changed anything. What is excluded are versions that nobody serves and that dependencies
// name all the same: `go list -m all` fails at one.
func excludeAll(file, wanted *modfile.File) (changed bool, err error) {
	for _, x := range wanted.Exclude {
		if excludes(file, x.Mod) {
			continue
		}
		if err := file.AddExclude(x.Mod.Path, x.Mod.Version); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

func excludes(file *modfile.File, version module.Version) bool {
	return slices.ContainsFunc(file.Exclude, func(x *modfile.Exclude) bool { return x.Mod == version })
}

// requireAll reports whether it changed anything.
func requireAll(file, wanted *modfile.File) bool {
	requires := map[string]*modfile.Require{}
	for _, r := range file.Require {
		requires[r.Mod.Path] = &modfile.Require{Mod: r.Mod, Indirect: r.Indirect}
	}
	changed := false
	for _, w := range wanted.Require {
		has, ok := requires[w.Mod.Path]
		switch {
		case !ok:
			requires[w.Mod.Path] = &modfile.Require{Mod: w.Mod, Indirect: w.Indirect}
			changed = true
			continue
		case w.Mod.Path != KubecraftModule && semver.Compare(has.Mod.Version, w.Mod.Version) < 0:
			has.Mod.Version = w.Mod.Version
			changed = true
		}
		if has.Indirect && !w.Indirect {
			has.Indirect = false
			changed = true
		}
	}
	if changed {
		paths := slices.Sorted(maps.Keys(requires))
		sorted := make([]*modfile.Require, 0, len(paths))
		for _, p := range paths {
			sorted = append(sorted, requires[p])
		}
		file.SetRequireSeparateIndirect(sorted)
	}
	return changed
}

// editModule changes go.mod and go.sum.
func (a *draft) editModule(edit func(name string, mod, sum []byte) (newMod, newSum []byte, err error)) error {
	mod, err := a.read("go.mod")
	if err != nil {
		return err
	}
	sum, err := a.read("go.sum")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	newMod, newSum, err := edit(a.onDisk("go.mod"), mod, sum)
	if err != nil {
		return err
	}
	if err := a.write("go.mod", newMod); err != nil {
		return err
	}
	return a.write("go.sum", newSum)
}

// mergeSums returns the lines of both go.sum files in the order in which the go command writes them.
func mergeSums(sum, more []byte) []byte {
	have := map[string]bool{}
	for line := range bytes.Lines(sum) {
		have[string(bytes.TrimSpace(line))] = true
	}
	var missing bool
	for line := range bytes.Lines(more) {
		if text := string(bytes.TrimSpace(line)); text != "" && !have[text] {
			have[text], missing = true, true
		}
	}
	if !missing {
		return sum
	}
	delete(have, "")
	bySum := map[module.Version]string{}
	versions := make([]module.Version, 0, len(have))
	for line := range have {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue // not a line that the go command would read
		}
		version := module.Version{Path: fields[0], Version: fields[1]}
		if _, ok := bySum[version]; !ok {
			versions = append(versions, version)
		}
		bySum[version] = line
	}
	module.Sort(versions)
	var out bytes.Buffer
	for _, v := range versions {
		out.WriteString(bySum[v] + "\n")
	}
	return out.Bytes()
}

// imports says whether the project's own code imports a package of a module, or below a path.
func (a *draft) imports(module string) (bool, error) {
	return a.importsIn(module, func(string) bool { return true })
}

// importsByHand is imports without generated code, which may be stale.
func (a *draft) importsByHand(module string) (bool, error) {
	return a.importsIn(module, func(file string) bool { return !project.IsGenerated(file) })
}

func (a *draft) importsIn(module string, counts func(file string) bool) (bool, error) {
	found := false
	err := a.eachGoFile(func(name string, src []byte) error {
		if !counts(name) {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			found = true // who knows: what it may need stays
		} else {
			for _, spec := range parsed.Imports {
				path := strings.Trim(spec.Path.Value, "`\"")
				found = found || path == module || strings.HasPrefix(path, module+"/")
			}
		}
		if found {
			return fs.SkipAll
		}
		return nil
	})
	return found, err
}

// eachGoFile calls visit with the Go files of the project's own code, as they are so far. It ends when visit says fs.SkipAll.
func (a *draft) eachGoFile(visit func(name string, src []byte) error) error {
	return project.EachGoFile(a.project.Dir, func(file string) error {
		if slices.Contains(a.removed, file) {
			return nil
		}
		src, err := a.read(file)
		if err != nil {
			return err
		}
		return visit(file, src)
	})
}
