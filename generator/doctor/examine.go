package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/kubecraft/kubecraft/generator/inventory"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/scaffold"
)

// Kubecraft is the one that a project is held against.
type Kubecraft struct {
	// Version is that of a release; empty otherwise.
	Version string
	// Sources are the files that a project gets of a kubecraft that is not released, by slash path.
	Sources map[string][]byte
}

// Examine returns what is wrong with the code of a project and its modules, as far as reading them tells.
func Examine(p *project.Project, k Kubecraft) ([]Finding, error) {
	var found []Finding
	for _, examine := range []func(*project.Project) ([]Finding, error){types, groups, parts, k.modules, k.bundled} {
		more, err := examine(p)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// parts finds what is wrong with the list of parts in main.go.
func parts(p *project.Project) ([]Finding, error) {
	made, err := inventory.Read(p)
	if err != nil {
		return nil, err
	}
	if len(made.Parts) == 0 {
		return []Finding{in("main.go", "no call of controlplane.Main with its parts was found", `os.Exit(controlplane.Main("NAME", os.Args[1:], apiserver.Groups()))`)}, nil
	}
	has := func(pkg string) bool {
		return slices.ContainsFunc(made.Parts, func(part inventory.Part) bool { return part.Package == pkg })
	}
	var found []Finding
	// A list that is spread may have been put together anywhere.
	spread := slices.ContainsFunc(made.Parts, func(part inventory.Part) bool { return part.Spread })
	listed := slices.ContainsFunc(made.Builtin, func(b inventory.Builtin) bool { return b.NeededBy == "" })
	if own := path.Join(p.Module, "pkg/apiserver"); (len(p.Groups) > 0 || listed) && !has(own) && !spread {
		found = append(found, at(made.Parts[0].Wired, "what pkg/apiserver lists is not among the parts", "add apiserver.Groups(), of "+own))
	}
	imported, err := p.Imports(".")
	if err != nil {
		return nil, err
	}
	if slices.Contains(imported, path.Join(scaffold.KubecraftModule, "runtime/kubernetes")) {
		return found, nil
	}
	const fix = "kubecraft add builtin --all"
	for _, part := range made.Parts {
		if name, ok := strings.CutPrefix(part.Package, scaffold.KubecraftModule+"/runtime/"); ok && slices.Contains(scaffold.Parts(), name) {
			found = append(found, at(part.Wired, "the part "+name+" needs the whole built-in API, which is not served", fix))
		}
	}
	for _, c := range made.Components {
		if slices.ContainsFunc(scaffold.Kinds(), func(k scaffold.Kind) bool { return k.Noun == c.Kind && k.NeedsWhole() }) {
			found = append(found, at(c.Wired, fmt.Sprintf("the %s %s needs the whole built-in API, which is not served", c.Kind, c.Name), fix))
		}
	}
	return found, nil
}

// modules finds requirements of go.mod that are not of the versions that kubecraft writes.
func (k Kubecraft) modules(p *project.Project) ([]Finding, error) {
	file, err := readModule(p)
	if err != nil {
		return nil, err
	}
	wanted, err := scaffold.Modules(p)
	if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	for _, m := range wanted {
		versions[m.Path] = m.Version
	}
	replaced := func(path string) *modfile.Replace {
		for _, r := range file.Replace {
			if r.Old.Path == path {
				return r
			}
		}
		return nil
	}
	var found []Finding
	for _, r := range file.Require {
		line := func(problem, fix string) {
			found = append(found, Finding{"go.mod", r.Syntax.Start.Line, r.Syntax.Start.LineRune, problem, fix})
		}
		want := versions[r.Mod.Path]
		if r.Mod.Path == scaffold.KubecraftModule {
			if replace := replaced(r.Mod.Path); replace != nil {
				found = append(found, k.replacement(p, replace)...)
				continue
			}
			want = k.Version
		}
		staging := strings.HasPrefix(r.Mod.Path, "k8s.io/") && !module.IsPseudoVersion(want)
		if want == "" || !staging && r.Mod.Path != scaffold.KubecraftModule || replaced(r.Mod.Path) != nil || r.Mod.Version == want {
			continue
		}
		fix := "go get " + r.Mod.Path + "@" + want
		if semver.Compare(r.Mod.Version, want) > 0 {
			fix = "use the kubecraft that goes with it, or " + fix
		}
		line(fmt.Sprintf("%s is %s, and this kubecraft writes projects of %s", r.Mod.Path, r.Mod.Version, want), fix)
	}
	return found, nil
}

// replacement finds a checkout of kubecraft that is not where go.mod says.
func (k Kubecraft) replacement(p *project.Project, r *modfile.Replace) []Finding {
	if r.New.Version != "" {
		return nil
	}
	dir := filepath.FromSlash(r.New.Path)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Dir, dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err == nil && modfile.ModulePath(text) == scaffold.KubecraftModule {
		return nil
	}
	return []Finding{{"go.mod", r.Syntax.Start.Line, r.Syntax.Start.LineRune,
		"there is no kubecraft in " + r.New.Path, "go mod edit -replace " + scaffold.KubecraftModule + "=CHECKOUT"}}
}

func readModule(p *project.Project) (*modfile.File, error) {
	name := filepath.Join(p.Dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, text, nil)
}

// bundled finds sources of kubecraft's own in the project that are not this kubecraft's.
func (k Kubecraft) bundled(p *project.Project) ([]Finding, error) {
	if _, err := os.Stat(filepath.Join(p.Dir, filepath.FromSlash(scaffold.Bundled))); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(k.Sources)) {
		file := path.Join(scaffold.Bundled, name)
		is, err := os.ReadFile(filepath.Join(p.Dir, filepath.FromSlash(file)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || !bytes.Equal(is, k.Sources[name]) {
			differ = append(differ, file)
		}
	}
	if len(differ) == 0 {
		return nil, nil
	}
	problem := "differs from this kubecraft's own"
	if len(differ) > 1 {
		problem += fmt.Sprintf(", as one of %d files", len(differ))
	}
	fix := fmt.Sprintf("if you have not changed it yourself: rm -r %s && (cd $(mktemp -d) && kubecraft init --module %s >&2 && pwd) | xargs -I DIR cp -r DIR/%s third_party/", scaffold.Bundled, p.Module, scaffold.Bundled)
	return []Finding{in(differ[0], problem, fix)}, nil
}
