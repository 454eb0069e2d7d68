package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/generator/builtin"
	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// undoable is something that verbs put into a project and take out again.
type undoable struct {
	name        string
	add, remove func(*project.Project) (*Result, error)
}

// undoables are of all verbs that change what a control plane is made of: two components of each kind.
func undoables(t *testing.T) []undoable {
	all := []undoable{{"builtin", AddBuiltin, RemoveBuiltin}}
	for _, name := range []string{"nodes", "leases"} {
		resource, err := builtin.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		resources := []builtin.Resource{resource}
		all = append(all, undoable{name,
			func(p *project.Project) (*Result, error) { return AddBuiltinResources(p, resources) },
			func(p *project.Project) (*Result, error) { return RemoveBuiltinResources(p, resources) }})
	}
	for _, part := range Parts() {
		all = append(all, undoable{part,
			func(p *project.Project) (*Result, error) { return AddParts(p, []string{part}) },
			func(p *project.Project) (*Result, error) { return RemoveParts(p, []string{part}) }})
	}
	for _, r := range []resource.Resource{{Group: "other", Version: "v1", Kind: "Foo"}, {Group: "other", Version: "v1", Kind: "Pool", Scale: true}} {
		all = append(all, undoable{"type " + r.Kind,
			func(p *project.Project) (*Result, error) { return AddType(p, r) },
			func(p *project.Project) (*Result, error) {
				return RemoveType(p, resource.Type{Group: r.Group, Version: r.Version, Kind: r.Kind}, false)
			}})
	}
	forms := map[string]string{"authenticator2": "oidc", "admission2": "example/v1/Bar", "my-controller": "example/v1/Bar", "controller2": "example/v1/Bar"}
	for _, kind := range Kinds() {
		for _, name := range []string{"my-" + kind.Noun, kind.Noun + "2"} {
			c, err := kind.New(name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, undoable{kind.Noun + " " + name,
				func(p *project.Project) (*Result, error) { return AddComponent(p, kind, c, forms[name]) },
				func(p *project.Project) (*Result, error) { return RemoveComponent(p, kind, c) }})
		}
	}
	return all
}

// typeUndoables are a second version of Bar, what a type can be given, the conversions of that version, and what a user does to the
// files of the type. A type that was made with a status keeps it.
func typeUndoables(withStatus bool) []undoable {
	v1, v2 := resource.Type{Group: "example", Version: "v1", Kind: "Bar"}, resource.Type{Group: "example", Version: "v2", Kind: "Bar"}
	var all []undoable
	for _, e := range userEdits() {
		all = append(all, undoable{byUser + e.file + " " + e.new,
			func(p *project.Project) (*Result, error) { return userEdit(p, e.file, e.old, e.new) },
			func(p *project.Project) (*Result, error) { return userEdit(p, e.file, e.new, e.old) }})
	}
	all = append(all, undoable{"version v2",
		func(p *project.Project) (*Result, error) {
			if p.Group("example") == nil {
				return &Result{}, nil
			}
			return AddType(p, resource.Resource{Group: v2.Group, Version: v2.Version, Kind: v2.Kind})
		},
		func(p *project.Project) (*Result, error) { return RemoveType(p, v2, false) }})
	all = append(all, undoable{"conversion",
		func(p *project.Project) (*Result, error) {
			return AddConversion(p, v2, differencesIn(p.Module))
		},
		func(p *project.Project) (*Result, error) { return RemoveConversion(p, v2) }})
	for _, v := range typeVerbs() {
		if v.name == "subresource status" && withStatus {
			continue
		}
		all = append(all, undoable{v.name,
			func(p *project.Project) (*Result, error) { return v.add(p, v1) },
			func(p *project.Project) (*Result, error) { return v.remove(p, v1) }})
	}
	// What a later version has taken over from the first is its own, and columns stay when the fields go that they show.
	nothing := func(*project.Project) (*Result, error) { return &Result{}, nil }
	for _, v := range []struct {
		typeVerb
		of resource.Type
	}{
		{typeVerb{"defaulting", nil, RemoveDefaulting}, v2}, {columnVerb(), v2}, {columnVerb(Column{Name: "Generation"}), v2},
		{columnVerb(Column{Name: "Ready"}), v1}, {columnVerb(Column{Name: "Ready"}), v2},
	} {
		all = append(all, undoable{v.name + " of " + v.of.Version, nothing,
			func(p *project.Project) (*Result, error) { return v.remove(p, v.of) }})
	}
	return all
}

// byUser begins the names of what a user does.
const byUser = "edit "

// userEdit replaces text in a file of the first version, and in that of the second, if they are there and have it.
func userEdit(p *project.Project, file, old, new string) (*Result, error) {
	result := &Result{Files: map[string][]byte{}}
	for _, name := range []string{file, strings.Replace(file, "/v1/", "/v2/", 1)} {
		content, err := os.ReadFile(filepath.Join(p.Dir, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		old, new := old, new
		if name != file {
			old, new = strings.ReplaceAll(old, "v1", "v2"), strings.ReplaceAll(new, "v1", "v2")
		}
		there := strings.Contains(string(content), new) && strings.Contains(new, old)
		if strings.Contains(string(content), old) && !there {
			result.Files[name] = bytes.Replace(content, []byte(old), []byte(new), 1)
		}
	}
	return result, nil
}

// Each verb does what it is for, and its inverse what that is for: the property below would hold of verbs that do nothing.
func TestEverythingIsAdded(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.add("example/v1", "Bar")
	p.generate()
	before := p.files()
	all := slices.DeleteFunc(undoables(t), func(u undoable) bool { return u.name == "nodes" || u.name == "leases" }) // which come with the whole
	for _, u := range all {
		if !p.do(u.add) {
			t.Errorf("%s is not added", u.name)
		}
	}
	for _, u := range slices.Backward(all) {
		if !p.do(u.remove) {
			t.Errorf("%s is not removed", u.name)
		}
	}
	p.mustBe(before, "after all of it")
}

// Whatever is added and removed, in whatever order, leaves nothing behind, and keeps what the user writes in between. A verb that
// fails, as one that misses another part does, changes nothing.
func TestEverythingIsUndone(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			p := newTestProject(t, "example.com/project")
			withStatus := seed%4 == 0
			switch {
			case withStatus:
				p.add("example/v1", "Bar")
				p.generate() // a controller is written with the clients
			case seed%2 == 0:
				p.add("example/v1", "Bar", noStatus)
				p.generate()
			}
			before := p.files()
			all := append(typeUndoables(withStatus), undoables(t)...)
			var notes []string
			var history []string
			there := map[string]bool{}
			for range 50 {
				u := all[random.IntN(len(all))]
				verb, do := "add", u.add
				switch {
				case there[u.name] && strings.HasPrefix(u.name, byUser):
					continue // what verbs have written since may build on it
				case there[u.name]:
					verb, do = "remove", u.remove
				}
				history = append(history, verb+" "+u.name)
				if p.do(do) {
					there[u.name] = !there[u.name]
				}
				if random.IntN(4) == 0 {
					note := fmt.Sprintf("// a note of the user's, number %d", len(notes))
					notes = append(notes, note)
					p.insertLine("main.go", note, random)
				}
			}
			// What stands on others goes before them.
			for done := false; !done; {
				done = true
				for _, u := range slices.Backward(all) {
					if p.do(u.remove) {
						done = false
					}
				}
			}
			after := p.files()
			main := after["main.go"]
			for _, note := range notes {
				if !strings.Contains(main, note) {
					t.Errorf("%q is gone", note)
				}
			}
			after["main.go"] = withoutNotes(main)
			for name := range after {
				if _, ok := before[name]; !ok {
					t.Errorf("%s is left", name)
				}
			}
			for name, want := range before {
				if after[name] != want {
					t.Errorf("%s is\n%s\nwas\n%s", name, after[name], want)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(history, "\n"))
			}
		})
	}
}

// do runs a verb and reports whether it did anything.
func (p *testProject) do(verb func(*project.Project) (*Result, error)) bool {
	p.Helper()
	result, err := verb(p.load())
	if err != nil {
		if !expected(err) {
			p.Errorf("unexpected: %v", err)
		}
		return false
	}
	p.write(result.Files)
	for _, name := range result.Remove {
		p.remove(name)
	}
	return len(result.Files)+len(result.Remove) > 0
}

// expected says whether a verb may refuse with an error: something is missing below what is added, or stands on what is removed, or the
// user has changed it.
func expected(err error) bool {
	if removal, changed := new(RemovalError), new(rewrite.ChangedError); errors.As(err, &removal) || errors.As(err, &changed) {
		return true
	}
	for _, text := range []string{
		"there is no type example/v",
		"for example/v1/Bar: there is none; there are ",
		"a controller is for a type, and the project has none",
		"an admission is for a type, and the project has none",
		"has no status, in which a controller says how far it is",
		"serves the whole built-in API, which has no parts to take out: ",
	} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return strings.HasSuffix(err.Error(), " first") // as in kubecraft add builtin --all first
}

// insertLine inserts a line of its own at a place between the statements of main, or before it.
func (p *testProject) insertLine(name, line string, random *rand.Rand) {
	p.Helper()
	lines := bytes.SplitAfter(p.read(name), []byte("\n"))
	first := slices.IndexFunc(lines, func(line []byte) bool { return bytes.HasPrefix(line, []byte("func main()")) })
	at := first + random.IntN(len(lines)-1-first)
	p.write(map[string][]byte{name: bytes.Join(slices.Insert(lines, at, []byte(line+"\n")), nil)})
}

func withoutNotes(src string) string {
	var kept strings.Builder
	for line := range strings.Lines(src) {
		if !strings.HasPrefix(line, "// a note of the user's") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// files returns all files of the project. Folders that are empty do not count.
func (p *testProject) files() map[string]string {
	p.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(p.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		within, _ := filepath.Rel(p.dir, file)
		all[filepath.ToSlash(within)] = string(content)
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return all
}
