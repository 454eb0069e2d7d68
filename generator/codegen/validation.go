package codegen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// validationTool is upstream's generator for declarative validation: a program, not a library.
const validationTool = "k8s.io/code-generator/cmd/validation-gen"

// validationMarker asks for the validation of the kinds of a package, in its doc.go.
const validationMarker = "// +k8s:validation-gen=TypesWithField=TypeMeta"

// validations runs validation-gen for the packages that ask for it, as a tool of the project's go.mod. It writes beside
// the types and nowhere else, so it gets a copy of the packages in temp. It takes seconds: what it has made is kept. Types
// with validation tags ask by having them;
// upstream alone would ignore the tags without its marker. A project without the tool is warned, unless it has the marker.
func (g *goCommand) validations(ctx context.Context, in *inputs, l *loader, boilerplate, cache, temp string) (map[string][]byte, []Diagnostic, error) {
	wanted := slices.Concat(in.validation, in.implied)
	if len(wanted) == 0 {
		return nil, nil, nil
	}
	if !slices.ContainsFunc(g.module.Tool, func(t *modfile.Tool) bool { return t.Path == validationTool }) {
		d := in.asking[wanted[0]]
		d.Message = fmt.Sprintf("declarative validation (the +k8s: tags) needs the tool %s, which go.mod lacks: "+
			"run go get -tool %s@%s", validationTool, validationTool, generatorsVersion(g.module))
		if len(in.validation) > 0 {
			return nil, nil, &Error{Diagnostics: []Diagnostic{d}}
		}
		return nil, []Diagnostic{d}, nil
	}
	files, err := g.generateValidations(ctx, wanted, in, l, boilerplate, cache, filepath.Join(temp, "project"))
	return files, nil, err
}

// opaqueConditions are conditions that validation is told to leave alone.
var opaqueConditions = regexp.MustCompile(`(//\s*\+k8s:eachVal=\+k8s:opaqueType\r?\n\s*\w+\s+\[\])\w+\.Condition\b`)

// withoutConditions hides conditions that are opaque from validation-gen v0.37.2: it looks into their type all the same, and asks for a
// function of that (k8s.io/code-generator/cmd/validation-gen/validators/customvalidation.go) where only Kubernetes' own build has it.
func withoutConditions(sources map[string][]byte) map[string][]byte {
	hidden := map[string][]byte{}
	for name, content := range sources {
		hidden[name] = opaqueConditions.ReplaceAll(content, []byte("${1}string"))
	}
	return hidden
}

// generatorsVersion returns the version of upstream's generators that fits the project's Kubernetes modules.
func generatorsVersion(mod *modfile.File) string {
	for _, r := range mod.Require {
		if r.Mod.Path == "k8s.io/apimachinery" {
			return r.Mod.Version
		}
	}
	return "latest"
}

func (g *goCommand) generateValidations(ctx context.Context, wanted []string, in *inputs, l *loader, boilerplate, cache, copied string) (map[string][]byte, error) {
	sources, err := g.packageFiles(l, in.implied)
	if err != nil {
		return nil, err
	}
	flags := strings.TrimSpace(lookup(g.env, "GOFLAGS") + " -mod=readonly")
	args := []string{"--output-file", validationsFile}
	for _, pkg := range readOnlyPackages() {
		args = append(args, "--readonly-pkg", pkg)
	}
	args = append(args, wanted...)

	if !g.isPinned(l) {
		cache = ""
	}
	made := newKept(cache, "validation-gen")
	made.dependOnFiles(sources)
	if boilerplate != "" {
		header, err := os.ReadFile(boilerplate)
		if err != nil {
			return nil, err
		}
		made.depend("header", header)
	}
	made.depend("go", []byte(strings.Join(append([]string{runtime.Version(), flags}, args...), "\x00")))
	if files := made.load(); files != nil {
		return files, nil
	}

	if err := writeFiles(copied, withoutConditions(sources)); err != nil {
		return nil, err
	}
	there := &goCommand{
		src: &source{dir: copied, exists: true}, module: g.module, dir: copied,
		env: withEnv(g.env, "GOWORK=off", "PWD="+copied, "GOFLAGS="+flags),
	}
	if _, err := there.run(ctx, append([]string{"tool", "validation-gen", "--go-header-file", boilerplate}, args...)...); err != nil {
		return nil, validationFailure(err, newPlaces(l))
	}
	files := map[string][]byte{}
	for _, pkg := range wanted {
		name := path.Join(in.dirs[pkg], validationsFile)
		content, err := os.ReadFile(filepath.Join(copied, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	made.save(files)
	return files, nil
}

// isPinned says that the tool, and all that the types import, is the module's own or what its go.mod and go.sum say it is: not
// a module in a folder, whose files may change.
func (g *goCommand) isPinned(l *loader) bool {
	for _, r := range g.module.Replace {
		if r.New.Version == "" && strings.HasPrefix(r.Old.Path, "k8s.io/") { // the tool's modules
			return false
		}
	}
	for _, u := range l.units {
		if u.own || u.Standard {
			continue
		}
		if m := u.Module; m == nil || m.Version == "" || m.Replace != nil && m.Replace.Version == "" {
			return false
		}
	}
	return true
}

// packageFiles returns the module's packages that were loaded, and its go.mod and go.sum, by slash path below its root.
// Packages in unmarked get the marker that they lack.
func (g *goCommand) packageFiles(l *loader, unmarked []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	var err error
	if files["go.mod"], err = g.absoluteModule(); err != nil {
		return nil, err
	}
	if files["go.sum"], err = g.src.read("go.sum"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, u := range l.units {
		at := relativeTo(u.Dir, g.src.dir)
		if !u.own || at == "" {
			continue
		}
		for _, name := range u.GoFiles {
			rel := path.Join(at, name)
			if files[rel], err = g.src.read(rel); err != nil {
				return nil, err
			}
		}
		if slices.Contains(unmarked, u.ImportPath) {
			rel := path.Join(at, "doc.go") // the only file in which the generator looks for it
			if files[rel] == nil {
				files[rel] = []byte("package " + u.Name + "\n")
			}
			files[rel] = fmt.Appendf(slices.Clip(files[rel]), "\n%s\n", validationMarker)
		}
	}
	return files, nil
}

func writeFiles(dir string, files map[string][]byte) error {
	for rel, content := range files {
		name := filepath.Join(dir, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// absoluteModule returns the go.mod with its relative replacements made absolute.
func (g *goCommand) absoluteModule() ([]byte, error) {
	text, err := g.src.read("go.mod")
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Clone(file.Replace) {
		if r.New.Version == "" && !filepath.IsAbs(r.New.Path) {
			to := filepath.Join(g.src.dir, filepath.FromSlash(r.New.Path))
			if err := file.AddReplace(r.Old.Path, r.Old.Version, to, ""); err != nil {
				return nil, err
			}
		}
	}
	return file.Format()
}

var (
	klogPrefix = regexp.MustCompile(`^[EFW]\d{4} [\d:.]+\s+\d+ [\w.]+:\d+\] `)
	lintType   = regexp.MustCompile(`^\s+type (\S+):$`)
	lintField  = regexp.MustCompile(`^\s+field (\w+): (.*)$`)
)

// validationFailure turns the tool's log into diagnostics: its lint lists fields below their types.
func validationFailure(err error, p *places) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	var list []Diagnostic
	var of *typePlace
	for line := range strings.Lines(e.Detail) {
		line = strings.TrimRight(line, "\r\n")
		if m := lintType.FindStringSubmatch(line); m != nil {
			of = p.types[m[1]]
		} else if m := lintField.FindStringSubmatch(line); m != nil && of != nil {
			list = append(list, p.inType(of, m[1], "validation-gen: "+m[2]))
		}
	}
	if len(list) > 0 {
		return &Error{Diagnostics: tidy(list), Detail: e.Detail}
	}
	for line := range strings.Lines(e.Detail) {
		line = strings.TrimSpace(line)
		if text := klogPrefix.ReplaceAllString(line, ""); text != line && text != "" {
			return p.explain(&failure{program: "validation-gen", message: text}, []logLine{{text: e.Detail}})
		}
	}
	return err
}

var (
	objectMetaCall  = regexp.MustCompile(`\bValidate_ObjectMeta\(`)
	validationField = regexp.MustCompile(`\{ // field (\w+)\.(\w+)`)
)

// validationFile says so when upstream's output does not compile: it calls the validation of metav1.ObjectMeta, which
// does not exist in v0.37.2, for every object whose metadata is not opaque to it.
func (p *places) validationFile(name, content string) []Diagnostic {
	u := p.packageIn(path.Dir(name))
	if u == nil {
		return nil
	}
	const message = "validation-gen v0.37.2 calls metav1.Validate_ObjectMeta here, which does not exist: " +
		"write // +k8s:opaqueType above this field"
	var list []Diagnostic
	for _, at := range objectMetaCall.FindAllStringIndex(content, -1) {
		fields := validationField.FindAllStringSubmatch(content[:at[0]], -1)
		if len(fields) == 0 {
			continue
		}
		field := fields[len(fields)-1]
		if t := p.types[u.ImportPath+"."+field[1]]; t != nil {
			list = append(list, p.inType(t, field[2], message))
		}
	}
	return list
}
