package scaffold

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// typeVerb is something that can be added to a type and taken out again.
type typeVerb struct {
	name        string
	add, remove func(*project.Project, resource.Type) (*Result, error)
}

func subresourceVerb(name, field string) typeVerb {
	s, err := NewSubresource(name, field)
	if err != nil {
		panic(err)
	}
	return typeVerb{
		"subresource " + name + field,
		func(p *project.Project, t resource.Type) (*Result, error) { return AddSubresource(p, t, s) },
		func(p *project.Project, t resource.Type) (*Result, error) { return RemoveSubresource(p, t, s) },
	}
}

func columnVerb(columns ...Column) typeVerb {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return typeVerb{
		fmt.Sprint("printcolumns ", names),
		func(p *project.Project, t resource.Type) (*Result, error) { return AddPrintColumns(p, t, columns) },
		func(p *project.Project, t resource.Type) (*Result, error) { return RemovePrintColumns(p, t, names) },
	}
}

func typeVerbs() []typeVerb {
	return []typeVerb{
		{"validation", AddValidation, RemoveValidation},
		{"defaulting", AddDefaulting, RemoveDefaulting},
		columnVerb(),
		columnVerb(Column{"Generation", ".metadata.generation"}),
		subresourceVerb("approve", ""),
		subresourceVerb("rename", "spec.description"),
		subresourceVerb("status", ""),
		subresourceVerb("scale", ""),
	}
}

// apply does a verb to a type as it is on disk.
func (p *testProject) apply(t resource.Type, do func(*project.Project, resource.Type) (*Result, error)) (*Result, error) {
	p.Helper()
	loaded, err := project.Load(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	result, err := do(loaded, t)
	if err != nil {
		return nil, err
	}
	p.write(result.Files)
	for _, name := range result.Remove {
		p.remove(name)
	}
	return result, nil
}

func (p *testProject) mustApply(t resource.Type, do func(*project.Project, resource.Type) (*Result, error)) *Result {
	p.Helper()
	result, err := p.apply(t, do)
	if err != nil {
		p.Fatal(err)
	}
	return result
}

// mustBe fails with the first file that differs.
func (p *testProject) mustBe(want map[string]string, when string) {
	p.Helper()
	got := p.files()
	for name := range want {
		if got[name] != want[name] {
			p.Fatalf("%s: %s differs:\n%s", when, name, firstDifference(want[name], got[name]))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			p.Fatalf("%s: %s is left behind", when, name)
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d: want\n%s\ngot\n%s", i+1, strings.Join(w[i:min(i+4, len(w))], "\n"), strings.Join(g[min(i, len(g)):min(i+4, len(g))], "\n"))
		}
	}
	return "it is longer"
}

// userEdits are what a user does to the files of a type; they hold whatever the verbs have done.
func userEdits() []struct{ file, old, new string } {
	return []struct{ file, old, new string }{
		{"pkg/apis/example/bar.go", "\tDescription string\n", "\tDescription string\n\tSize        int64\n"},
		{"pkg/apis/example/v1/bar.go", "\tDescription string `json", "\t// size is the user's own field.\n\t// +optional\n\tSize int64 `json:\"size,omitempty\"`\n\tDescription string `json"},
		{"pkg/registry/example/bar/strategy.go", "func (strategy) AllowUnconditionalUpdate(context.Context) bool {\n\treturn true", "func (strategy) AllowUnconditionalUpdate(context.Context) bool {\n\t// the user wants it so\n\treturn false"},
		{"pkg/registry/example/bar/strategy.go", "\tobject.Generation = 1\n", "\tobject.Generation = 1\n\tobject.Labels = nil // the user's\n"},
		{"pkg/registry/example/bar/store.go", "\treturn &Storage{\n", "\t// The user's own comment.\n\tstore.ReturnDeletedObject = true\n\n\treturn &Storage{\n"},
		{"pkg/registry/example/store.go", "\treturn info, nil\n}\n", "\treturn info, nil\n}\n\n// mine is the user's.\nfunc mine() {}\n"},
		{"pkg/apis/example/v1/defaults.go", "package v1\n", "// Package v1 has defaults.\npackage v1\n"},
	}
}

// undo is the user's own way back.
func (p *testProject) undo(e struct{ file, old, new string }) {
	p.Helper()
	p.edit(e.file, e.new, e.old)
}

// Any sequence of additions, each taken back in any order, with the user's own edits between, leaves what the user did and
// nothing else. What is there is added once, and what is not there is not removed.
func TestTypeVerbsComeAndGo(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	for name, options := range map[string][]func(*resourceOption){
		"plain":                          {noStatus},
		"cluster-scoped with short name": {noStatus, clusterScoped, shortNames("br"), categories("all")},
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 8 {
				random := rand.New(rand.NewSource(int64(round)))
				p := newTestProject(t, "example.com/demo")
				p.add("example/v1", "Bar", options...)
				p.add("example/v1", "Foo")
				if round%3 == 0 {
					p.add("example/v2", "Bar")
				}
				if round%4 == 1 {
					p.mustApply(bar, func(p *project.Project, _ resource.Type) (*Result, error) { return AddBuiltin(p) })
				}
				p.comeAndGo(random, bar)
			}
		})
	}
}

func (p *testProject) comeAndGo(random *rand.Rand, bar resource.Type) {
	p.Helper()
	before := p.files()
	edits := userEdits()
	var made []struct{ file, old, new string }
	var done, log []string
	verbs := map[string]typeVerb{}
	for _, v := range typeVerbs() {
		verbs[v.name] = v
	}
	names := slices.Sorted(maps.Keys(verbs))
	hasStatus := func() bool { return slices.Contains(done, "subresource status") }
	add := func() {
		name := names[random.Intn(len(names))]
		if name == "subresource scale" && !hasStatus() {
			if _, err := p.apply(bar, verbs[name].add); err == nil || !strings.Contains(err.Error(), "add subresource example/v1 Bar status first") {
				p.Fatalf("a scale without a status: %v", err)
			}
			return
		}
		log = append(log, "add "+name)
		result, err := p.apply(bar, verbs[name].add)
		if err != nil {
			p.Fatalf("%s: %v", log, err)
		}
		if slices.Contains(done, name) && len(result.Files) > 0 {
			p.Fatalf("%s: again changed %q", log, sortedKeys(result.Files))
		}
		if !slices.Contains(done, name) {
			done = append(done, name)
		}
	}
	remove := func() {
		if len(done) == 0 {
			return
		}
		i := random.Intn(len(done))
		name := done[i]
		if _, err := p.apply(bar, verbs[name].remove); name == "subresource status" && err != nil && strings.HasSuffix(err.Error(), " first") {
			return // a scale or another subresource needs it
		} else if err != nil {
			p.Fatalf("%s: %v", log, err)
		}
		log = append(log, "remove "+name)
		if result, err := p.apply(bar, verbs[name].remove); err != nil || len(result.Files)+len(result.Remove) > 0 {
			p.Fatalf("%s: removed again: %v, %+v", log, err, result)
		}
		done = slices.Delete(done, i, i+1)
	}
	edit := func() {
		if len(edits) == 0 {
			return
		}
		i := random.Intn(len(edits))
		e := edits[i]
		if !strings.Contains(string(p.read(e.file)), e.old) {
			return
		}
		log = append(log, "edit "+e.file)
		p.edit(e.file, e.old, e.new)
		made, edits = append(made, e), slices.Delete(edits, i, i+1)
	}
	for range 25 {
		switch random.Intn(5) {
		case 0, 1:
			add()
		case 2, 3:
			remove()
		default:
			edit()
		}
	}
	for len(done) > 0 {
		remove()
	}
	for _, e := range made {
		p.undo(e)
	}
	p.mustBe(before, strings.Join(log, ", "))
}

// The status and the scale that are added later are those of a type that is made with them.
func TestSubresourcesAreAsIfMadeWith(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	made := newTestProject(t, "example.com/demo")
	made.add("example/v1", "Bar", shortNames("br"))
	scaled := newTestProject(t, "example.com/demo")
	scaled.add("example/v1", "Bar", shortNames("br"), withScaling)
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar", noStatus, shortNames("br"))
	without := p.files()
	p.mustApply(bar, subresourceVerb("status", "").add)
	p.mustBe(made.files(), "with a status")
	p.mustApply(bar, subresourceVerb("scale", "").add)
	p.mustBe(scaled.files(), "with a scale")
	scaled.mustApply(bar, subresourceVerb("scale", "").remove)
	scaled.mustBe(made.files(), "without the scale")
	scaled.mustApply(bar, subresourceVerb("status", "").remove)
	scaled.mustBe(without, "without the status")
}

// What was changed by hand is not lost: it stays and a note says so, or an error says where it is.
func TestTypeVerbsKeepWhatWasChanged(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	p := newTestProject(t, "example.com/demo")
	p.add("example/v1", "Bar")
	for _, test := range []struct {
		verb            typeVerb
		file, old, new  string
		stays, mentions string
	}{
		{typeVerbs()[0], "pkg/registry/example/bar/validation.go", "= 256", "= 512", "pkg/registry/example/bar/validation_test.go", "pkg/registry/example/bar/validation.go stays"},
		{typeVerbs()[1], "pkg/apis/example/v1/defaults.go", "= object.Name", "= \"mine\"", "pkg/apis/example/v1/bar_defaults_test.go", "SetDefaults_Bar in pkg/apis/example/v1/defaults.go and its test stay"},
		{subresourceVerb("approve", "spec.description"), "pkg/registry/example/bar/approve.go", "return r.store.Get", "// Mine.\n\treturn r.store.Get", "pkg/registry/example/bar/approve_test.go", "pkg/registry/example/bar/approve.go stays"},
	} {
		p.mustApply(bar, test.verb.add)
		p.edit(test.file, test.old, test.new)
		result := p.mustApply(bar, test.verb.remove)
		if notes := strings.Join(result.Notes, "\n"); !strings.Contains(notes, test.mentions) {
			t.Errorf("%s: got notes %q", test.verb.name, notes)
		}
		if !strings.Contains(string(p.read(test.file)), test.new) || len(p.read(test.stays)) == 0 {
			t.Errorf("%s: what was changed is gone", test.verb.name)
		}
		p.mustApply(bar, test.verb.add)
		if !strings.Contains(string(p.read(test.file)), test.new) {
			t.Errorf("%s: what was changed is overwritten", test.verb.name)
		}
	}
	p.edit("pkg/apis/example/v1/bar.go", "\tPhase string", "\tColor string `json:\"color,omitempty\"`\n\tPhase string")
	before := p.files()
	var changed *rewrite.ChangedError
	if _, err := p.apply(bar, subresourceVerb("status", "").remove); !errors.As(err, &changed) || !strings.Contains(err.Error(), "pkg/apis/example/v1/bar.go") {
		t.Errorf("the status with a field of the user's: %v", err)
	}
	p.mustBe(before, "refused")
}

// Functions of validation.go that other code calls stay, so that the project compiles.
func TestRemoveValidationThatIsUsed(t *testing.T) {
	const strategy, validation = "pkg/registry/example/bar/strategy.go", "pkg/registry/example/bar/validation.go"
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	for name, test := range map[string]struct {
		edit func(p *testProject)
		note string // empty if all goes
	}{
		"errors of the user's around": {func(p *testProject) {
			p.edit(strategy, "return append(", "return append(append(")
			p.edit(strategy, "ValidateBar(obj.(*example.Bar))...)", "ValidateBar(obj.(*example.Bar))...), more(obj)...)")
		}, ""},
		"called in another way": {func(p *testProject) {
			p.edit(strategy, "ValidateBar(obj.(*example.Bar))...", "sorted(ValidateBar(obj.(*example.Bar)))...")
		}, strategy + ":"},
		"in a file beside": {func(p *testProject) {
			p.write(map[string][]byte{"pkg/registry/example/bar/own.go": []byte("package bar\n\nvar own = ValidateBar\n")})
		}, "pkg/registry/example/bar/own.go:3:11 names ValidateBar"},
		"in a test of another package": {func(p *testProject) {
			p.write(map[string][]byte{"pkg/own/own_test.go": []byte("package own\n\nimport \"example.com/demo/pkg/registry/example/bar\"\n\nvar _ = bar.ValidateBarUpdate\n")})
		}, "pkg/own/own_test.go:5:9 names bar.ValidateBarUpdate"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestProject(t, "example.com/demo")
			p.add("example/v1", "Bar")
			p.mustApply(bar, AddValidation)
			test.edit(p)
			if again := p.mustApply(bar, AddValidation); len(again.Files) > 0 {
				t.Errorf("again changed %q", sortedKeys(again.Files))
			}
			result := p.mustApply(bar, RemoveValidation)
			if test.note == "" {
				if len(result.Remove) != 2 || !strings.Contains(string(p.read(strategy)), "field.NewPath(\"metadata\")), more(obj)...)") {
					t.Errorf("removed %q, and left\n%s", result.Remove, p.read(strategy))
				}
				return
			}
			if notes := strings.Join(result.Notes, "\n"); len(result.Remove) > 0 || !strings.Contains(notes, validation+" and its test stay") || !strings.Contains(notes, test.note) {
				t.Errorf("removed %q with notes %q", result.Remove, notes)
			}
		})
	}
}

// Files that nobody would know again: what was looked for, and the lines to add.
func TestTypeVerbsSayWhatTheyLookedFor(t *testing.T) {
	bar := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}
	for name, test := range map[string]struct {
		verb     typeVerb
		file     string
		old, new string
		want     []string
	}{
		"strategy":  {typeVerbs()[0], "pkg/registry/example/bar/strategy.go", "func (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {", "func (strategy) Check(_ context.Context, obj runtime.Object) field.ErrorList {", []string{"strategy.go: found no method Validate of a strategy", "return ValidateBar(obj.(*example.Bar))"}},
		"defaults":  {typeVerbs()[1], "pkg/apis/example/v1/defaults.go", "addDefaultingFuncs(", "addDefaults(", []string{"defaults.go: found no func addDefaultingFuncs", "RegisterDefaults(scheme)"}},
		"registry":  {subresourceVerb("approve", ""), "pkg/registry/example/store.go", "barstorage.NewStorage(scheme, getter)", "newBars(scheme, getter)", []string{"store.go: found no version that serves \"bars\"", `"bars/approve": barstorage.NewApproveREST(scheme, storage.Bar),`}},
		"storage":   {subresourceVerb("scale", ""), "pkg/registry/example/bar/store.go", "\treturn &Storage{\n\t\tBar:    &REST{store},\n\t\tStatus: &StatusREST{&statusStore},\n\t}, nil\n", "\tstorage := &Storage{}\n\tstorage.Bar, storage.Status = &REST{store}, &StatusREST{&statusStore}\n\treturn storage, nil\n", []string{"store.go: found no place below `Status: &StatusREST{&statusStore},`", "registry.NewScaleREST(store, scale()),"}},
		"type":      {columnVerb(Column{"Size", ".spec.size"}), "pkg/apis/example/v1/bar.go", "", "", []string{`column Size: JSON path ".spec.size": BarSpec in pkg/apis/example/v1 has no field size, but description`}},
		"column":    {columnVerb(Column{"Phase", ".spec.description"}), "pkg/apis/example/v1/bar.go", "", "", []string{"column Phase: example/v1 Bar has one of that name, of .status.phase"}},
		"list":      {columnVerb(Column{"Spec", ".spec"}), "pkg/apis/example/v1/bar.go", "", "", []string{"leads to what is neither text"}},
		"path":      {columnVerb(Column{"Size", ".spec[?(@.a=="}), "pkg/apis/example/v1/bar.go", "", "", []string{`column Size: JSON path ".spec[?(@.a=="`}},
		"no dot":    {columnVerb(Column{"Size", "spec.size"}), "pkg/apis/example/v1/bar.go", "", "", []string{"must start with a dot"}},
		"no field":  {subresourceVerb("approve", "status.nope"), "pkg/apis/example/v1/bar.go", "", "", []string{"BarStatus in pkg/apis/example/v1 has no field nope, but observedGeneration, phase"}},
		"metadata":  {subresourceVerb("approve", "metadata.labels"), "pkg/apis/example/v1/bar.go", "", "", []string{"a subresource changes a field of the spec or the status"}},
		"own file":  {subresourceVerb("approve", ""), "pkg/registry/example/bar/approve.go", "", "package bar\n", []string{"approve.go: is there, and not what kubecraft would write"}},
		"own names": {subresourceVerb("approve", ""), "pkg/registry/example/bar/mine.go", "", "package bar\n\ntype ApproveREST struct{}\n", []string{"mine.go:3:6: declares ApproveREST"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestProject(t, "example.com/demo")
			p.add("example/v1", "Bar")
			switch {
			case test.old != "":
				p.edit(test.file, test.old, test.new)
			case test.new != "":
				p.write(map[string][]byte{test.file: []byte(test.new)})
			}
			before := p.files()
			_, err := p.apply(bar, test.verb.add)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			p.mustBe(before, "refused")
		})
	}
}

// A type that is not there: which are.
func TestTypeVerbsNameTheTypesThereAre(t *testing.T) {
	p := newTestProject(t, "example.com/demo")
	if _, err := p.apply(resource.Type{Group: "example", Version: "v1", Kind: "Bar"}, AddValidation); err == nil || !strings.Contains(err.Error(), "the project has none yet: kubecraft add type example/v1 Bar") {
		t.Errorf("got %v", err)
	}
	p.add("example/v1", "Bar")
	p.add("example/v2", "Foo")
	for _, test := range []struct{ group, version, kind, want string }{
		{"example", "v1", "Baz", "there is no type example/v1 Baz: there is example/v1 Bar"},
		{"example", "v3", "Bar", "there is no type example/v3 Bar: there is example/v2 Foo, example/v1 Bar"},
		{"other", "v1", "Bar", "there is no type other/v1 Bar: there is example/v2 Foo, example/v1 Bar"},
	} {
		_, err := p.apply(resource.Type{Group: test.group, Version: test.version, Kind: test.kind}, AddValidation)
		if err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
