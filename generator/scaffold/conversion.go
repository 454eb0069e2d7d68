package scaffold

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// Unfilled is the start of the line above what a person must write. kubecraft doctor and the test of round trips look for it.
const Unfilled = "//kubecraft:unfilled "

// Difference is a conversion that conversion-gen cannot make.
type Difference struct {
	// Package is the import path of the version whose it is.
	Package string
	// From and To are the types, as import path and name, or the name of a basic one.
	From, To string
	// Type is the type that has Fields: From, or one with a field of type From.
	Type string
	// Fields are the names of those that need it.
	Fields []string
}

// AddConversion returns the files that change when the conversions that a person must write, between a version of a kind and the
// internal type, are begun: functions in conversion.go, both ways for each type that differs, which convert what generated code
// can and then return an error. They name, in a line that begins with Unfilled, what is left to write.
func AddConversion(p *project.Project, t resource.Type, differences []Difference) (*Result, error) {
	a, err := openType(p, t)
	if err != nil {
		return nil, err
	}
	stubs, err := a.stubs(differences)
	if err != nil {
		return nil, err
	}
	for _, s := range stubs {
		if err := a.begin(s); err != nil {
			return nil, err
		}
	}
	return a.result(), nil
}

// RemoveConversion undoes AddConversion, byte for byte in files that have not changed since. Functions that somebody has filled in
// stay, and notes say so.
func RemoveConversion(p *project.Project, t resource.Type) (*Result, error) {
	a, types, err := openVersion(p, t)
	if err != nil {
		return nil, err
	}
	file := path.Join(a.versionDir(), conversionFile)
	of := types.namesOf(a.Kind)
	for _, d := range types.declarations() {
		if d.file.name != file || d.tok != token.FUNC || d.isMethod() || !strings.HasPrefix(d.names[0], "Convert_") || !converts(d, of) {
			continue
		}
		if !strings.Contains(string(d.text()), Unfilled) {
			a.notes = append(a.notes, fmt.Sprintf("%s in %s stays, as it is filled in", d.names[0], file))
			continue
		}
		if err := a.takeBack(d); err != nil {
			return nil, err
		}
	}
	if _, there := a.changed[file]; !there {
		return a.result(), nil
	}
	for _, imported := range []string{a.apiPath(), conversionPackage, "errors"} {
		err := a.editFile(file, func(filename string, src []byte) ([]byte, error) {
			return rewrite.RemoveImport(filename, src, imported)
		})
		if err != nil {
			return nil, err
		}
	}
	if left := strings.Join(strings.Fields(string(a.changed[file])), " "); left == "package "+a.VersionPackage || left == "package "+a.VersionPackage+" import ( )" {
		delete(a.changed, file)
		a.removed = append(a.removed, file)
	}
	return a.result(), nil
}

// UnfilledIn returns the places, as file:line: what is to be written, of conversions of a version that are not filled in.
func UnfilledIn(files map[string][]byte) []string {
	var places []string
	for name, content := range files {
		if path.Base(name) != conversionFile {
			continue
		}
		for i, line := range strings.Split(string(content), "\n") {
			if what, ok := strings.CutPrefix(strings.TrimSpace(line), Unfilled); ok {
				places = append(places, fmt.Sprintf("%s:%d: %s", name, i+1, what))
			}
		}
	}
	slices.Sort(places)
	return places
}

// conversionFile is where conversions by hand are.
const conversionFile = "conversion.go"

const conversionPackage = "k8s.io/apimachinery/pkg/conversion"

// stub is a conversion that is not filled in.
type stub struct {
	name string
	// from and to are its types, as Go code of the version.
	from, to string
	// auto says that generated code converts the rest.
	auto bool
	// what is to be written.
	what string
	file string
	// conversion and errors are the names of packages in the file.
	conversion, errors string
}

// text is the function.
func (s stub) text() string {
	auto := ""
	if s.auto {
		auto = fmt.Sprintf("\tif err := auto%s(in, out, s); err != nil {\n\t\treturn err\n\t}\n", s.name)
	}
	return fmt.Sprintf(`// %[1]s is yours to write: generated code calls it for what it cannot convert itself.
// Until it is written it fails, so that nothing is lost.
func %[1]s(in *%[2]s, out *%[3]s, s %[4]s.Scope) error {
%[5]s	%[6]s%[7]s
	return %[8]s.New("%[1]s in %[9]s is not written yet")
}`, s.name, s.from, s.to, s.conversion, auto, Unfilled, s.what, s.errors, s.file)
}

// stubs returns what is to be written for the differences that are of the kind in its version.
func (a *addition) stubs(differences []Difference) ([]stub, error) {
	types, err := a.parsePackage(a.versionDir())
	if err != nil {
		return nil, err
	}
	internal, err := a.parsePackage(a.apiDir())
	if err != nil {
		return nil, err
	}
	of := types.namesOf(a.Kind)
	// What only one of two types has is lost on the way back, if nobody thinks of it: both ways are begun.
	structs := map[string][]string{} // fields that are not convertible as they are, by type
	basic := map[[2]string]stub{}
	for _, d := range differences {
		if d.Package != a.versionPath() || !of[lastElement(d.Type)] {
			continue
		}
		if d.Type == d.From {
			structs[lastElement(d.Type)] = append(structs[lastElement(d.Type)], d.Fields...)
			continue
		}
		key := [2]string{d.From, d.To}
		s, known := basic[key]
		toInternal := strings.HasPrefix(d.Type, a.versionPath()+".")
		if known {
			s.what += ", and of " + strings.Join(d.Fields, ", ") + " of " + lastElement(d.Type)
		} else {
			s = stub{
				name: "Convert_" + conversionName(d.From) + "_To_" + conversionName(d.To), from: d.From, to: d.To,
				what: "convert " + strings.Join(d.Fields, ", ") + a.direction(toInternal) + ", in " + lastElement(d.Type),
			}
		}
		basic[key] = s
	}
	var all []stub
	for _, name := range slices.Sorted(maps.Keys(structs)) {
		external := append(missingIn(types.fields(name), internal.fields(name)), both(structs[name], types.fields(name), internal.fields(name))...)
		inner := append(missingIn(internal.fields(name), types.fields(name)), both(structs[name], types.fields(name), internal.fields(name))...)
		version, group := a.versionPath()+"."+name, a.apiPath()+"."+name
		all = append(all,
			stub{name: "Convert_" + conversionName(version) + "_To_" + conversionName(group), from: version, to: group, auto: true, what: a.what(external, inner, true)},
			stub{name: "Convert_" + conversionName(group) + "_To_" + conversionName(version), from: group, to: version, auto: true, what: a.what(inner, external, false)},
		)
	}
	for _, s := range basic {
		all = append(all, s)
	}
	slices.SortStableFunc(all[2*len(structs):], func(a, b stub) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// namesOf returns the names of the types of a kind.
func (p *goPackage) namesOf(kind string) map[string]bool {
	of := map[string]bool{}
	for _, d := range p.closure(kind) {
		for _, name := range d.names {
			of[name] = true
		}
	}
	return of
}

// inType is the type with the fields that a conversion of basic types is for, as a stub says.
var inType = regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(Unfilled) + `.*?, in (\w+)`)

// converts says whether a conversion is of one of the types, or of a field of theirs.
func converts(d *declaration, of map[string]bool) bool {
	for _, parameter := range d.decl.(*ast.FuncDecl).Type.Params.List {
		if of[typeName(parameter.Type)] {
			return true
		}
	}
	in := inType.FindSubmatch(d.text())
	return in != nil && of[string(in[1])]
}

// direction is " of v2 to the internal type", or the other way.
func (a *addition) direction(toInternal bool) string {
	if toInternal {
		return " of " + a.Version + " to the internal type"
	}
	return " of the internal type to " + a.Version
}

// what says what is to be done with fields of what is given, and fields of the result.
func (a *addition) what(given, result []string, toInternal bool) string {
	var parts []string
	if len(given) > 0 {
		parts = append(parts, "convert "+strings.Join(given, ", ")+a.direction(toInternal))
	}
	if only := slices.DeleteFunc(slices.Clone(result), func(name string) bool { return slices.Contains(given, name) }); len(only) > 0 {
		parts = append(parts, "set its "+strings.Join(only, ", "))
	}
	return strings.Join(parts, " and ")
}

// missingIn returns the names of fields that others have none of.
func missingIn(fields, others []field) []string {
	var names []string
	for _, f := range fields {
		if !hasField(others, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// both returns, once, the names that are of fields in either list.
func both(names []string, a, b []field) []string {
	var found []string
	for _, name := range names {
		if hasField(a, name) && hasField(b, name) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

func hasField(fields []field, name string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == name })
}

// lastElement returns the name of a type without its package.
func lastElement(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// conversionName is the part of a conversion's name that stands for a type, as conversion-gen has it.
func conversionName(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return name
	}
	return strings.ReplaceAll(path.Base(name[:dot]), "-", "_") + "_" + name[dot+1:]
}

// begin writes a function, unless there is one of its name.
func (a *addition) begin(s stub) error {
	types, err := a.parsePackage(a.versionDir())
	if err != nil || types.declaration(s.name) != nil {
		return err
	}
	s.file = path.Join(a.versionDir(), conversionFile)
	needs := []imported{{"errors", "errors"}, {conversionPackage, "conversion"}}
	for _, name := range []string{s.from, s.to} {
		switch {
		case strings.HasPrefix(name, a.apiPath()+"."):
			needs = append(needs, imported{a.apiPath(), a.API()})
		case strings.Contains(name, ".") && !strings.HasPrefix(name, a.versionPath()+"."):
			return fmt.Errorf("%s is of another package: write func %s by hand in %s", name, s.name, a.onDisk(s.file))
		}
	}
	if _, err := a.read(s.file); errors.Is(err, fs.ErrNotExist) {
		a.changed[s.file] = a.newConversions(needs)
	} else if err != nil {
		return err
	}
	return a.editFile(s.file, withImports(needs, func(filename string, src []byte, names []string) ([]byte, error) {
		s := s
		s.errors, s.conversion = names[0], names[1]
		for _, name := range []*string{&s.from, &s.to} {
			if base, ok := strings.CutPrefix(*name, a.apiPath()+"."); ok {
				*name = names[2] + "." + base
			}
			*name = strings.TrimPrefix(*name, a.versionPath()+".")
		}
		return rewrite.AppendFunction(filename, src, s.name, s.text())
	}))
}

// newConversions is the start of a conversion.go.
func (a *addition) newConversions(needs []imported) []byte {
	var groups []string
	for _, need := range needs {
		spec := strconv.Quote(need.path)
		if need.want != path.Base(need.path) {
			spec = need.want + " " + spec
		}
		groups = append(groups, "\t"+spec+"\n")
	}
	return fmt.Appendf(nil, "package %s\n\nimport (\n%s)\n", a.VersionPackage, strings.Join(groups, "\n"))
}

// takeBack takes out a function that is not filled in. It leaves one that somebody has changed.
func (a *addition) takeBack(d *declaration) error {
	filename := a.onDisk(d.file.name)
	types := [2]string{}
	for i := range types {
		if params := d.decl.(*ast.FuncDecl).Type.Params.List; i < len(params) {
			types[i] = strings.TrimPrefix(string(d.file.src[int(params[i].Type.Pos())-int(d.file.FileStart):int(params[i].Type.End())-int(d.file.FileStart)]), "*")
		}
	}
	_, what, _ := strings.Cut(string(d.text()), Unfilled)
	what, _, _ = strings.Cut(what, "\n")
	s := stub{
		name: d.names[0], from: types[0], to: types[1], what: strings.TrimSpace(what), file: d.file.name,
		auto: strings.Contains(string(d.text()), "auto"+d.names[0]+"("),
	}
	for target, of := range map[*string]imported{&s.conversion: {conversionPackage, "conversion"}, &s.errors: {"errors", "errors"}} {
		name, err := rewrite.NameFor(filename, d.file.src, of.path, of.want)
		if err != nil {
			return err
		}
		*target = name
	}
	err := a.editFile(d.file.name, func(filename string, src []byte) ([]byte, error) {
		return rewrite.RemoveFunction(filename, src, s.name, s.text())
	})
	if changed := new(rewrite.ChangedError); errors.As(err, &changed) {
		a.notes = append(a.notes, fmt.Sprintf("%s in %s stays, as it is not what add conversion wrote", s.name, s.file))
		return nil
	}
	return err
}
