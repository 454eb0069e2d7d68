package scaffold

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// rule is what the templates of validation know: a kind, and the field that the example of a rule is about.
type rule struct {
	kind
	// Field is a field of the spec and JSON its name in objects; empty for a rule about the name of objects.
	Field, JSON string
	// GoType is the field's type without a pointer, as in int32.
	GoType string
	// IsNumber is of numbers, which must not be negative, IsPointer of pointers to them.
	IsNumber, IsPointer bool
}

func (r rule) InSpec() bool   { return r.Field != "" }
func (r rule) IsLength() bool { return r.InSpec() && !r.IsNumber }
func (r rule) HasLimit() bool { return !r.IsNumber }
func (r rule) Path() string   { return "spec." + r.JSON }

// String is the expression for the field's value as a string.
func (r rule) String() string {
	if r.GoType == "string" {
		return "spec." + r.Field
	}
	return "string(spec." + r.Field + ")"
}

// Quote and Unquote stand around a string that is to be the field's value.
func (r rule) Quote() string {
	if r.GoType == "string" {
		return ""
	}
	return r.API() + "." + r.GoType + "("
}

func (r rule) Unquote() string {
	if r.GoType == "string" {
		return ""
	}
	return ")"
}

func validationTemplates() map[string]string {
	return map[string]string{
		"validation.go":      "resource/registry.validation.go.tmpl",
		"validation_test.go": "resource/registry.validation_test.go.tmpl",
	}
}

// AddValidation returns the files that change when a kind's objects are checked by code of the project's own, beside what the
// +k8s: tags say: validation.go in the package of its storage, with functions that the strategy calls and a rule, which is about a
// field that the kind has, and its test.
func AddValidation(p *project.Project, t resource.Type) (*Result, error) {
	a, err := openStored(p, t)
	if err != nil {
		return nil, err
	}
	types, err := a.parsePackage(a.storageDir())
	if err != nil {
		return nil, err
	}
	if types.declaration("Validate"+a.Kind) == nil {
		r, err := a.rule()
		if err != nil {
			return nil, err
		}
		for file, template := range validationTemplates() {
			content, err := render(template, r)
			if err != nil {
				return nil, err
			}
			if err := a.place(a.storageFile(file), content); err != nil {
				return nil, err
			}
		}
	}
	for _, v := range a.validations() {
		if err := a.editPlace(types, "strategy.go", nil, a.checks(v, rewrite.AddValidation)); err != nil {
			return nil, err
		}
		if types, err = a.parsePackage(a.storageDir()); err != nil {
			return nil, err
		}
	}
	return a.result(), nil
}

// RemoveValidation undoes AddValidation, byte for byte in files that have not changed since. The functions stay while other code
// of the project names them, and a note says where.
func RemoveValidation(p *project.Project, t resource.Type) (*Result, error) {
	a, err := openStored(p, t)
	if err != nil {
		return nil, err
	}
	for _, v := range a.validations() {
		types, err := a.parsePackage(a.storageDir())
		if err != nil {
			return nil, err
		}
		err = a.editPlace(types, "strategy.go", nil, a.checks(v, rewrite.RemoveValidation))
		if missing := new(rewrite.NotFoundError); err != nil && !errors.As(err, &missing) {
			return nil, err
		}
	}
	used, err := a.usesOfValidation()
	if err != nil {
		return nil, err
	}
	if len(used) > 0 {
		a.notes = append(a.notes, fmt.Sprintf("%s and its test stay, as they are used: take that out, then run the command again: %s", a.storageFile("validation.go"), strings.Join(used, "; ")))
		return a.result(), nil
	}
	for file, template := range validationTemplates() {
		file = a.storageFile(file)
		if err := a.withdraw("add validation", file, a.writtenRules(file, template)...); err != nil {
			return nil, err
		}
	}
	if len(a.removed) == 1 {
		// The test is of no use without the functions, nor they without the test.
		a.removed = nil
	}
	return a.result(), nil
}

// usesOfValidation returns where code beside validation.go and its test names what validation.go declares.
func (a *addition) usesOfValidation() ([]string, error) {
	types, err := a.parsePackage(a.storageDir())
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, d := range types.declarations() {
		for _, name := range d.names {
			if d.file.name == a.storageFile("validation.go") && !d.isMethod() {
				names[name] = true
			}
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	gone := map[string]goneNames{a.storagePath(): {names: names}}
	var found []string
	err = a.eachGoFile(func(file string, src []byte) error {
		if _, own := validationTemplates()[path.Base(file)]; own && path.Dir(file) == a.storageDir() || project.IsGenerated(file) {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, src, 0)
		if err != nil {
			return err
		}
		u := &usage{file: parsed, dir: path.Dir(file), module: a.project.Module, gone: gone}
		u.find()
		for _, use := range u.found {
			found = append(found, fmt.Sprintf("%s names %s", fset.Position(use.at), use.what))
		}
		return nil
	})
	return found, err
}

// validations are the calls that the strategy makes.
func (a *addition) validations() []rewrite.Validation {
	return []rewrite.Validation{
		{Method: "Validate", Function: "Validate" + a.Kind},
		{Method: "ValidateUpdate", Function: "Validate" + a.Kind + "Update"},
	}
}

// checks makes an edit of the strategy of one that needs the name of the internal type.
func (a *addition) checks(v rewrite.Validation, edit func(string, []byte, rewrite.Validation) ([]byte, error)) editFunc {
	return func(filename string, src []byte) ([]byte, error) {
		api, err := a.apiName(filename, src)
		if err != nil {
			return nil, err
		}
		v.Type = api + "." + a.Kind
		return edit(filename, src, v)
	}
}

// rule returns a rule about the first field of the spec that one can be about, or else about the name.
func (a *addition) rule() (rule, error) {
	fields, err := a.specFields()
	if err != nil {
		return rule{}, err
	}
	internal, err := a.parsePackage(a.apiDir())
	if err != nil {
		return rule{}, err
	}
	for _, f := range fields {
		if r, ok := a.ruleFor(internal, f); ok {
			return r, nil
		}
	}
	return rule{kind: a.kind}, nil
}

func (a *addition) ruleFor(internal *goPackage, f field) (rule, bool) {
	r := rule{kind: a.kind, Field: f.name, JSON: f.json, GoType: typeName(f.expr), IsPointer: isPointer(f.expr)}
	switch internal.scalar(f.expr) {
	case "integer":
		r.IsNumber = true
		return r, internal.typeOf(r.GoType) == nil && r.GoType[0] != 'u' && r.GoType != "byte" && r.GoType != "rune"
	case "string":
		return r, !r.IsPointer && (r.GoType == "string" || internal.typeOf(r.GoType) != nil)
	}
	return rule{}, false
}

var (
	ruleField = regexp.MustCompile(`\b[sS]pec\.([A-Z]\w*)`)
	ruleJSON  = regexp.MustCompile(`path\.Child\("([^"]+)"\)|"spec\.([^"]+)"`)
	ruleType  = regexp.MustCompile(`\bnew\((\w+)\)|\w+\.(\w+)\(strings`)
)

// writtenRules returns what AddValidation may have written into a file when the kind had other fields: about the field that the
// file names first.
func (a *addition) writtenRules(file, template string) [][]byte {
	src, err := a.read(file)
	if err != nil {
		return nil // there is none
	}
	first := func(pattern *regexp.Regexp) string {
		m := pattern.FindSubmatch(src)
		return string(bytes.Join(m[min(1, len(m)):], nil))
	}
	rules := []rule{{kind: a.kind}}
	for _, goType := range []string{"string", cmp.Or(first(ruleType), "another")} {
		for _, form := range []rule{{}, {IsNumber: true}, {IsNumber: true, IsPointer: true}} {
			form.kind, form.Field, form.JSON, form.GoType = a.kind, first(ruleField), first(ruleJSON), goType
			rules = append(rules, form)
		}
	}
	var written [][]byte
	for _, r := range rules {
		content, err := render(template, r)
		if err != nil {
			continue // it names no field: it is not one of these
		}
		written = append(written, content)
	}
	return written
}
