package scaffold

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Whatever controllers come, in whatever order, and go, in another: once all are gone every file is as before, but for what the user has
// changed in between.
func TestControllersAreUndone(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.add("example/v1", "Bar")
	p.add("example/v1", "Foo")
	p.add("example/v2", "Bar")
	p.add("zones.example.com/v1", "Zone", clusterScoped)
	p.generate()
	all := map[string]string{
		"one": "example/v1/Bar", "two": "example/v1/Bar", "three": "example/v2/Bar", "four": "example/v1/Foo", "five": "zones.example.com/v1/Zone",
	}
	for seed := range uint64(4) {
		before := p.files()
		random := rand.New(rand.NewPCG(seed, 1))
		there := map[string]bool{}
		names := slices.Sorted(maps.Keys(all))
		edited := "pkg/apis/example/v1/bar.go"
		for i := range 9 {
			name := names[random.IntN(len(names))]
			if there[name] {
				p.removeComponent(Controller(), name)
			} else {
				p.addComponent(Controller(), name, all[name])
				if again := p.addComponent(Controller(), name, all[name]); len(again.Files) != 0 {
					t.Fatalf("seed %d: added twice, %v changed again", seed, sortedKeys(again.Files))
				}
			}
			there[name] = !there[name]
			if i == 4 { // the user's own, in files that verbs edit
				for _, file := range []string{edited, "main.go"} {
					more := []byte("\n// mine\n")
					p.write(map[string][]byte{file: append(p.read(file), more...)})
					before[file] += string(more)
				}
			}
		}
		for _, name := range names {
			if there[name] {
				p.removeComponent(Controller(), name)
			}
		}
		after := p.files()
		for file, want := range before {
			if after[file] != want {
				t.Fatalf("seed %d: %s is\n%s\nwas\n%s", seed, file, after[file], want)
			}
		}
		for file := range after {
			if _, ok := before[file]; !ok {
				t.Fatalf("seed %d: %s was left behind", seed, file)
			}
		}
	}
}

// The text of a controller follows the names that the user's own code has, and the fields.
func TestControllerFollowsTheType(t *testing.T) {
	p := newTestProject(t, "example.com/project")
	p.add("zones.example.com/v1beta1", "Policy", clusterScoped)
	p.generate()
	p.edit("pkg/apis/zones/v1beta1/policy.go", "\t// phase says in a word how far the Policy is.\n\t// +optional\n\tPhase string `json:\"phase,omitempty\"`\n", "")
	p.addComponent(Controller(), "policer", "")
	reconcile := string(p.read("pkg/components/controller/policer/reconcile.go"))
	for _, want := range []string{`finalizer = "zones.example.com/policer"`, "r.client.ZonesV1beta1().Policies().UpdateStatus(", "r.objects.Get(key.Name)", "object.Status.ObservedGeneration = "} {
		if !strings.Contains(reconcile, want) {
			t.Errorf("no %s in\n%s", want, reconcile)
		}
	}
	if strings.Contains(reconcile, "Phase") {
		t.Errorf("a phase in\n%s", reconcile)
	}
	if wiring := string(p.read("pkg/components/controller/policer/controller.go")); !strings.Contains(wiring, "own.Zones().V1beta1().Policies()") || !strings.Contains(wiring, "controller.ClusterOwner(Kind)") {
		t.Errorf("wired as\n%s", wiring)
	}
	p.edit("pkg/apis/zones/v1beta1/policy.go", "\tObservedGeneration int64", "\tPhase string\n\tObservedGeneration int64")
	if result := p.removeComponent(Controller(), "policer"); len(result.Remove) != 3 {
		t.Errorf("after a change of the type %v went, with %v", result.Remove, result.Notes)
	}
}

func (p *testProject) addComponent(kind Kind, name, form string) *Result {
	p.Helper()
	c, err := kind.New(name)
	if err != nil {
		p.Fatal(err)
	}
	result, err := AddComponent(p.load(), kind, c, form)
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	return result
}

func (p *testProject) removeComponent(kind Kind, name string) *Result {
	p.Helper()
	c, err := kind.New(name)
	if err != nil {
		p.Fatal(err)
	}
	result, err := RemoveComponent(p.load(), kind, c)
	if err != nil {
		p.Fatal(err)
	}
	p.write(result.Files)
	for _, name := range result.Remove {
		p.remove(name)
	}
	return result
}
