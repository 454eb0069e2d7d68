package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// defaulting is what the template of the test of defaults knows: a kind, and the field that the example of a default is of.
type defaulting struct {
	kind
	// Field is of the spec, GoType its type without a pointer.
	Field, GoType string
	IsPointer     bool
}

// Default is the expression for the default in an object called first, Other that for another value.
func (d defaulting) Default() string {
	switch d.GoType {
	case "string":
		return `"first"`
	case "bool":
		return "true"
	}
	return "1"
}

func (d defaulting) Other() string {
	switch d.GoType {
	case "string":
		return `"another"`
	case "bool":
		return "false"
	}
	return "2"
}

// SetOther is the statement that gives the field the other value.
func (d defaulting) SetOther() string {
	if d.IsPointer {
		return fmt.Sprintf("value := %s(%s); object.Spec.%s = &value", d.GoType, d.Other(), d.Field)
	}
	return fmt.Sprintf("object.Spec.%s = %s", d.Field, d.Other())
}

// function is the defaulter of the kind.
func (d defaulting) function() string {
	unset, set := `""`, "object.Spec."+d.Field+" = object.Name"
	switch {
	case d.IsPointer:
		unset, set = "nil", fmt.Sprintf("value := %s(%s)\n\t\tobject.Spec.%s = &value", d.GoType, d.Default(), d.Field)
	case d.GoType != "string":
		unset, set = "0", "object.Spec."+d.Field+" = 1"
	}
	return fmt.Sprintf(`// %[1]s sets what a client has left out: defaults that follow from other fields, as no +default marker of a field
// can say. Generated code calls it for each %[2]s that comes in, before it is validated.
func %[1]s(object *%[2]s) {
	if object.Spec.%[3]s == %[4]s {
		%[5]s
	}
}`, d.name(), d.Kind, d.Field, unset, set)
}

func (d defaulting) name() string { return "SetDefaults_" + d.Kind }

func (d defaulting) testFile() string {
	return path.Join(d.versionDir(), strings.TrimSuffix(d.FileName(), ".go")+"_defaults_test.go")
}

// addDefaulting is the function of a version's defaults.go that every package of types has.
const addDefaulting = "addDefaultingFuncs"

// AddDefaulting returns the files that change when a version of a kind gets defaults that code of the project's own computes:
// defaults.go, with a function that defaulter-gen finds by its name and that sets a field which the kind has, and its test.
func AddDefaulting(p *project.Project, t resource.Type) (*Result, error) {
	a, types, err := openVersion(p, t)
	if err != nil {
		return nil, err
	}
	d := defaulting{kind: a.kind}
	if types.declaration(d.name()) != nil {
		return &Result{}, nil
	}
	if d, err = a.defaulting(types); err != nil {
		return nil, err
	}
	if types.declaration(addDefaulting) == nil {
		return nil, &rewrite.NotFoundError{
			File: a.onDisk(path.Join(a.versionDir(), "defaults.go")), Wanted: "func " + addDefaulting,
			Lines: "func " + addDefaulting + "(scheme *runtime.Scheme) error { return RegisterDefaults(scheme) } and, in register.go, " + addDefaulting + " among what SchemeBuilder collects",
		}
	}
	err = a.editDeclaration(a.versionDir(), addDefaulting, func(filename string, src []byte) ([]byte, error) {
		return rewrite.AppendFunction(filename, src, d.name(), d.function())
	})
	if err != nil {
		return nil, err
	}
	test, err := render("resource/version.defaults_test.go.tmpl", d)
	if err != nil {
		return nil, err
	}
	if err := a.place(d.testFile(), test); err != nil {
		return nil, err
	}
	for _, version := range a.known.Versions {
		if version != a.Version {
			a.notes = append(a.notes, fmt.Sprintf("defaults belong to a version: kubecraft add defaulting %s/%s %s for those of %s", a.Group, version, a.Kind, version))
		}
	}
	return a.result(), nil
}

// RemoveDefaulting undoes AddDefaulting, byte for byte in files that have not changed since. What has stays, and a note says so.
func RemoveDefaulting(p *project.Project, t resource.Type) (*Result, error) {
	a, types, err := openVersion(p, t)
	if err != nil {
		return nil, err
	}
	d := defaulting{kind: a.kind}
	there := types.declaration(d.name())
	if there == nil {
		return &Result{}, nil
	}
	for _, d := range a.writtenDefaulting(there) {
		test, err := render("resource/version.defaults_test.go.tmpl", d)
		if err != nil {
			return nil, err
		}
		if content, err := a.read(d.testFile()); err == nil && !bytes.Equal(content, test) {
			continue
		} else if err == nil {
			a.removed = append(a.removed, d.testFile())
		}
		err = a.editFile(there.file.name, func(filename string, src []byte) ([]byte, error) {
			return rewrite.RemoveFunction(filename, src, d.name(), d.function())
		})
		if changed := new(rewrite.ChangedError); errors.As(err, &changed) {
			a.removed = nil
			continue
		}
		return a.result(), err
	}
	a.notes = append(a.notes, fmt.Sprintf("%s in %s and its test stay, as they are not what add defaulting wrote: remove them by hand if you do not need them", d.name(), there.file.name))
	return a.result(), nil
}

// defaulting returns a default of the first field of the spec that one can be of.
func (a *addition) defaulting(types *goPackage) (defaulting, error) {
	for _, f := range types.fields(a.Kind + "Spec") {
		d := defaulting{kind: a.kind, Field: f.name, GoType: typeName(f.expr), IsPointer: isPointer(f.expr)}
		isNumber := types.scalar(f.expr) == "integer" && types.typeOf(d.GoType) == nil
		if !f.marked("+default") && (isNumber || d.GoType == "string" && !d.IsPointer || d.GoType == "bool" && d.IsPointer) {
			return d, nil
		}
	}
	return defaulting{}, fmt.Errorf("%sSpec in %s has no field that an example of a default could be of (a string, a number or a *bool without +default): write func SetDefaults_%s(object *%s) in defaults.go there, and kubecraft generate calls it",
		a.Kind, a.onDisk(a.versionDir()), a.Kind, a.Kind)
}

var defaultedField = regexp.MustCompile(`object\.Spec\.(\w+) ==`)
var defaultedType = regexp.MustCompile(`value := (\w+)\(`)

// writtenDefaulting returns what AddDefaulting may have written when the kind had other fields.
func (a *addition) writtenDefaulting(there *declaration) []defaulting {
	field := defaultedField.FindSubmatch(there.text())
	if field == nil {
		return nil
	}
	goTypes := []string{"string", "int32"}
	if m := defaultedType.FindSubmatch(there.text()); m != nil {
		goTypes = append(goTypes, string(m[1]))
	}
	types, err := a.parsePackage(a.versionDir())
	if err == nil {
		for _, f := range types.fields(a.Kind + "Spec") {
			if name := typeName(f.expr); f.name == string(field[1]) && !slices.Contains(goTypes, name) {
				goTypes = append(goTypes, name)
			}
		}
	}
	var all []defaulting
	for _, goType := range goTypes {
		for _, isPointer := range []bool{false, true} {
			all = append(all, defaulting{kind: a.kind, Field: string(field[1]), GoType: goType, IsPointer: isPointer})
		}
	}
	return all
}
