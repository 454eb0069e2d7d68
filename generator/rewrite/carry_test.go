package rewrite

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const (
	carryFrom = `package bar

import (
	"fmt"
)

type Storage struct {
	Bar *REST
}

func New() (*Storage, error) {
	store := &Store{}

	return &Storage{
		Bar: &REST{store},
	}, nil
}

func Last() { fmt.Println() }
`
	carryTo = `package bar

import (
	"context"
	"fmt"
)

type Storage struct {
	Bar    *REST
	Status *StatusREST
}

func New() (*Storage, error) {
	store := &Store{}

	// Same data, other rules.
	statusStore := *store

	return &Storage{
		Bar:    &REST{store},
		Status: &StatusREST{&statusStore},
	}, nil
}

// Get returns it.
func (r *StatusREST) Get(ctx context.Context) {}

func Last() { fmt.Println() }
`
)

// What leads from one text to another is done in files that people have gone on with, and undone, byte for byte.
func TestCarry(t *testing.T) {
	for name, edit := range map[string]*strings.Replacer{
		"nothing":              strings.NewReplacer(),
		"own statements":       strings.NewReplacer("store := &Store{}\n", "store := &Store{}\n\tstore.Size = 3 // mine\n"),
		"own fields":           strings.NewReplacer("Bar *REST\n", "Bar *REST\n\tMine int\n"),
		"own imports":          strings.NewReplacer("\t\"fmt\"\n", "\t\"fmt\"\n\t\"os\"\n", "fmt.Println()", "fmt.Println(os.Args)"),
		"the import by itself": strings.NewReplacer("\t\"fmt\"\n", "\t\"context\"\n\t\"fmt\"\n", "fmt.Println()", "fmt.Println(context.Background())"),
		"own functions":        strings.NewReplacer("func Last()", "func mine() {\n}\n\nfunc Last()"),
		"other order":          strings.NewReplacer("func New()", "func first() {\n\tif true {\n\t}\n}\n\nfunc New()"),
		"not formatted":        strings.NewReplacer("Bar *REST", "Bar     *REST"),
		"Windows' line ends":   strings.NewReplacer("\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			src := []byte(edit.Replace(carryFrom))
			out, err := Carry("bar.go", src, []byte(carryFrom), []byte(carryTo))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"statusStore := *store", "Status: &StatusREST{&statusStore}", "func (r *StatusREST) Get", "Status *StatusREST", `"context"`} {
				if strings.Count(string(out), want) != 1 {
					t.Errorf("%d times %q in\n%s", strings.Count(string(out), want), want, out)
				}
			}
			if formatted(src) && !formatted(out) {
				t.Errorf("no longer formatted:\n%s", out)
			}
			again, err := Carry("bar.go", out, []byte(carryFrom), []byte(carryTo))
			if err != nil || !bytes.Equal(again, out) {
				t.Errorf("again: %v\n%s", err, again)
			}
			back, err := Carry("bar.go", out, []byte(carryTo), []byte(carryFrom))
			if err != nil || !bytes.Equal(back, src) {
				t.Errorf("and back: %v\n%s\nwant\n%s", err, back, src)
			}
		})
	}
}

// Without edits of anybody's it is the other text.
func TestCarryWholeText(t *testing.T) {
	for _, pair := range [][2]string{{carryFrom, carryTo}, {carryTo, carryFrom}} {
		if out, err := Carry("bar.go", []byte(pair[0]), []byte(pair[0]), []byte(pair[1])); err != nil || string(out) != pair[1] {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestCarryNotFound(t *testing.T) {
	src := strings.Replace(carryFrom, "\treturn &Storage{\n\t\tBar: &REST{store},\n\t}, nil\n", "\treturn made(store)\n", 1)
	var missing *NotFoundError
	if _, err := Carry("bar.go", []byte(src), []byte(carryFrom), []byte(carryTo)); !errors.As(err, &missing) || !strings.Contains(err.Error(), "Status: &StatusREST{&statusStore},") {
		t.Errorf("got %v", err)
	}
	src = strings.Replace(carryTo, "func (r *StatusREST) Get(ctx context.Context) {}", "func (r *StatusREST) Get(ctx context.Context) { mine() }", 1)
	var changed *ChangedError
	if _, err := Carry("bar.go", []byte(src), []byte(carryTo), []byte(carryFrom)); !errors.As(err, &changed) || !strings.Contains(err.Error(), "// Get returns it.") {
		t.Errorf("got %v", err)
	}
	if _, err := Carry("bar.go", []byte("package"), []byte(carryFrom), []byte(carryTo)); err == nil {
		t.Error("no error for what does not parse")
	}
}

// Whatever a file is, carrying forth and back changes nothing, or says why it cannot.
func FuzzCarry(f *testing.F) {
	f.Add(carryFrom)
	f.Add(carryTo)
	f.Add("package bar\n")
	f.Add(strings.ReplaceAll(carryFrom, "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, src string) {
		out, err := Carry("bar.go", []byte(src), []byte(carryFrom), []byte(carryTo))
		if err != nil || string(out) == src {
			return
		}
		if _, err := parse("bar.go", out); err != nil {
			t.Fatalf("does not parse: %v\n%s", err, out)
		}
	})
}

// Errors that the user has added around those of the function stay, and the function is not called twice.
func TestValidationAmongOthers(t *testing.T) {
	const head = "package bar\n\nfunc (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {\n"
	v := Validation{Method: "Validate", Function: "ValidateBar", Type: "example.Bar"}
	for there, want := range map[string]string{
		"return append(ValidateBar(obj.(*example.Bar)), more(obj)...)":                                    "return more(obj)",
		"return append(append(meta(obj), ValidateBar(obj.(*example.Bar))...), more(obj)...)":              "return append(meta(obj), more(obj)...)",
		"return append(append(ValidateBar(obj.(*example.Bar)), more(obj)...), field.Invalid(a))":          "return append(more(obj), field.Invalid(a))",
		"return append(meta(obj), append(ValidateBar(obj.(*example.Bar)), more(obj)...)...)":              "return append(meta(obj), more(obj)...)",
		"return append(ValidateBar(obj.(*example.Bar)), field.Invalid(a))":                                "", // not a list that could stay
		"return sorted(ValidateBar(obj.(*example.Bar)))":                                                  "",
		"if errs := ValidateBar(obj.(*example.Bar)); len(errs) > 0 {\n\t\treturn errs\n\t}\n\treturn nil": "",
	} {
		src := head + "\t" + there + "\n}\n"
		if out, err := AddValidation("strategy.go", []byte(src), v); err != nil || string(out) != src {
			t.Errorf("there already: %v\n%s", err, out)
		}
		after := head + "\t" + want + "\n}\n"
		if want == "" {
			after = src
		}
		if out, err := RemoveValidation("strategy.go", []byte(src), v); err != nil || string(out) != after {
			t.Errorf("%v: got\n%s\nwant\n%s", err, out, after)
		}
	}
}

func TestAddValidation(t *testing.T) {
	const head = "package bar\n\nfunc (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {\n"
	const tail = "}\n\nfunc (statusStrategy) ValidateUpdate(_ context.Context, obj, old runtime.Object) field.ErrorList {\n\treturn nil\n}\n\nfunc (s strategy) ValidateUpdate(ctx context.Context, o, was runtime.Object) field.ErrorList {\n"
	create := Validation{Method: "Validate", Function: "ValidateBar", Type: "example.Bar"}
	update := Validation{Method: "ValidateUpdate", Function: "ValidateBarUpdate", Type: "example.Bar"}
	for _, test := range []struct {
		before, after string
		v             Validation
	}{
		{head + "\treturn nil\n" + tail + "\treturn nil\n}\n", head + "\treturn ValidateBar(obj.(*example.Bar))\n" + tail + "\treturn nil\n}\n", create},
		{head + "\treturn meta(obj) // mine\n" + tail + "\treturn nil\n}\n", head + "\treturn append(meta(obj), ValidateBar(obj.(*example.Bar))...) // mine\n" + tail + "\treturn nil\n}\n", create},
		{head + "\treturn nil\n" + tail + "\treturn nil\n}\n", head + "\treturn nil\n" + tail + "\treturn ValidateBarUpdate(o.(*example.Bar), was.(*example.Bar))\n}\n", update},
	} {
		out := edited(t, test.before, func(src []byte) ([]byte, error) { return AddValidation("strategy.go", src, test.v) })
		if out != test.after {
			t.Errorf("got\n%s\nwant\n%s", out, test.after)
		}
		if back, err := RemoveValidation("strategy.go", []byte(out), test.v); err != nil || string(back) != test.before {
			t.Errorf("and back: %v\n%s", err, back)
		}
	}
	var missing *NotFoundError
	for _, src := range []string{
		"package bar\n",
		"package bar\n\nfunc (strategy) Validate(_ context.Context, _ runtime.Object) field.ErrorList {\n\treturn nil\n}\n",
		"package bar\n\nfunc (strategy) Validate(_ context.Context, obj runtime.Object) field.ErrorList {\n\tpanic(obj)\n}\n",
	} {
		if _, err := AddValidation("strategy.go", []byte(src), create); !errors.As(err, &missing) || !strings.Contains(err.Error(), "return ValidateBar(obj.(*example.Bar))") {
			t.Errorf("got %v for\n%s", err, src)
		}
	}
}

func TestAppendFunction(t *testing.T) {
	const text = "// F is it.\nfunc F() {\n\tg()\n}"
	for _, src := range []string{"package a\n", "package a", "package a\n\nfunc G() {}\n", "package a\r\n\r\nfunc G() {}\r\n"} {
		out, err := AppendFunction("a.go", []byte(src), "F", text)
		if err != nil || !strings.Contains(strings.ReplaceAll(string(out), "\r\n", "\n"), text) {
			t.Fatalf("%v\n%s", err, out)
		}
		if back, err := RemoveFunction("a.go", out, "F", text); err != nil || string(back) != src {
			t.Errorf("and back: %v\n%q, want %q", err, back, src)
		}
		more := string(out) + "\nfunc H() {}\n"
		if back, err := RemoveFunction("a.go", []byte(more), "F", text); err != nil || strings.Contains(string(back), "F is it") || !strings.Contains(string(back), "func H() {}") {
			t.Errorf("with more behind it: %v\n%q", err, back)
		}
		var changed *ChangedError
		if _, err := RemoveFunction("a.go", bytes.Replace(out, []byte("g()"), []byte("mine()"), 1), "F", text); !errors.As(err, &changed) {
			t.Errorf("changed: %v", err)
		}
	}
}

func TestAddMarkers(t *testing.T) {
	for _, test := range []struct{ src, like, want string }{
		{"package a\n\n// T is it.\ntype T struct{}\n", "// +c:", "package a\n\n// T is it.\n// +c:new\ntype T struct{}\n"},
		{"package a\n\n// +c:one\n// +d\n\n// T is it.\ntype T struct{}\n", "// +c:", "package a\n\n// +c:one\n// +c:new\n// +d\n\n// T is it.\ntype T struct{}\n"},
		{"package a\n\ntype U int // +c:one\n\ntype T struct{}\n", "// +c:", "package a\n\ntype U int // +c:one\n\n// +c:new\ntype T struct{}\n"},
		{"package a\n\ntype (\n\tU int\n\n\t// +c:one\n\tT struct{}\n)\n", "// +c:", "package a\n\ntype (\n\tU int\n\n\t// +c:one\n\t// +c:new\n\tT struct{}\n)\n"},
	} {
		out := edited(t, test.src, func(src []byte) ([]byte, error) {
			return AddMarkers("a.go", src, "T", test.like, "// +c:new")
		})
		if out != test.want {
			t.Errorf("got\n%s\nwant\n%s", out, test.want)
		}
		if back, err := RemoveMarkers("a.go", []byte(out), "T", "// +c:new"); err != nil || string(back) != test.src {
			t.Errorf("and back: %v\n%s", err, back)
		}
	}
	var missing *NotFoundError
	if _, err := AddMarkers("a.go", []byte("package a\n"), "T", "// +c:", "// +c:new"); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
}
