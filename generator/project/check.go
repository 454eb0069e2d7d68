package project

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/resource"
)

// Inherit returns r with what it leaves at its default taken from the same kind in another version of the group: all
// versions of a kind share one storage, and so its names, scope and subresources. A kind that is new, or that has no
// version but r's, is only completed: there, what is not given was not given before either.
func Inherit(p *Project, r resource.Resource) resource.Resource {
	k := p.Group(r.Group).Kind(r.Kind)
	if k != nil && !slices.Equal(k.Versions, []string{r.Version}) {
		was := k.Resource
		r.Plural = cmp.Or(r.Plural, was.Plural)
		r.Singular = cmp.Or(r.Singular, was.Singular)
		if len(r.ShortNames) == 0 {
			r.ShortNames = slices.Clone(was.ShortNames)
		}
		if len(r.Categories) == 0 {
			r.Categories = slices.Clone(was.Categories)
		}
		r.ClusterScoped = r.ClusterScoped || was.ClusterScoped
		r.NoStatus = r.NoStatus || was.NoStatus
		r.Scale = r.Scale || was.Scale
	}
	r.Complete()
	return r
}

// CheckAdd says why r, a completed and valid resource, cannot be added to the project as it is: what collides, with
// what, and what to do. A resource that is there already exactly as r describes it is no error: see AlreadyThere.
func CheckAdd(p *Project, r resource.Resource) error {
	for _, g := range p.Groups {
		if g.Name != r.Group && (g.Dir == r.GroupDir() || resource.GroupDir(g.Name) == r.GroupDir()) {
			return fmt.Errorf("group %q: its first label names the Go package %s, which pkg/apis/%s has for group %s: choose another first label", r.Group, r.GroupDir(), g.Dir, g.Name)
		}
	}
	g := p.Group(r.Group)
	if g == nil {
		return nil
	}
	for _, k := range g.Kinds {
		if k.Resource.Kind == r.Kind {
			if err := sameFlags(g, k, r); err != nil {
				return err
			}
			continue
		}
		for _, check := range []func(*Group, Kind, resource.Resource) error{sameName, sameType, sameResource} {
			if err := check(g, k, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// AlreadyThere says whether the project has and serves r, in its version, as it is described.
func AlreadyThere(p *Project, r resource.Resource) bool {
	g := p.Group(r.Group)
	k := g.Kind(r.Kind)
	return k != nil && slices.Contains(k.Versions, r.Version) && slices.Contains(k.served, r.Version) && sameFlags(g, *k, r) == nil
}

// sameFlags returns an error when the project's kind was made with other flags than r's.
func sameFlags(g *Group, k Kind, r resource.Resource) error {
	if k.RegistryPackage == "" {
		// Without storage the code does not say most of them.
		return nil
	}
	was := k.Resource
	for _, flag := range []struct{ name, was, now string }{
		{"--cluster-scoped", fmt.Sprint(was.ClusterScoped), fmt.Sprint(r.ClusterScoped)},
		{"--plural", was.Plural, r.Plural},
		{"--singular", was.Singular, r.Singular},
		{"--short-names", list(was.ShortNames), list(r.ShortNames)},
		{"--categories", list(was.Categories), list(r.Categories)},
		{"--no-status", fmt.Sprint(was.NoStatus), fmt.Sprint(r.NoStatus)},
		{"--scale", fmt.Sprint(was.Scale), fmt.Sprint(r.Scale)},
	} {
		if flag.was == flag.now {
			continue
		}
		again := flag.name + " " + flag.was
		switch flag.was {
		case "true":
			again = flag.name
		case "false", none:
			again = "no " + flag.name
		}
		return fmt.Errorf("kind %q: is in %s with other flags: %s was %s, now %s: run the command with %s, or change pkg/registry/%s/%s by hand",
			r.Kind, g.in(k), flag.name, flag.was, flag.now, again, g.Dir, k.RegistryPackage)
	}
	return nil
}

const none = "not given"

func list(names []string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ",")
}

// in says where a kind is: "example/v1".
func (g *Group) in(k Kind) string { return g.Name + "/" + strings.Join(k.Versions, ", "+g.Name+"/") }

// sameName refuses kinds that differ in case only, or whose storage would be in the same package.
func sameName(g *Group, k Kind, r resource.Resource) error {
	other := k.Resource.Kind
	if strings.EqualFold(other, r.Kind) {
		return fmt.Errorf("kind %q: differs only in case from %s in %s: use %s, or another name", r.Kind, other, g.in(k), other)
	}
	if k.RegistryPackage != "" && k.RegistryPackage == r.RegistryPackage() {
		return fmt.Errorf("kind %q: its storage would be in pkg/registry/%s/%s, which is that of %s: use another name", r.Kind, g.Dir, k.RegistryPackage, other)
	}
	return nil
}

// sameType refuses kinds whose Go types would have the name of another kind's.
func sameType(g *Group, k Kind, r resource.Resource) error {
	other := k.Resource.Kind
	for _, suffix := range []string{"List", "Spec", "Status"} {
		if r.Kind == other+suffix {
			return fmt.Errorf("kind %q: is the name of a type of kind %s in %s: use another name", r.Kind, other, g.in(k))
		}
		if r.Kind+suffix == other {
			return fmt.Errorf("kind %q: would need a type %s, which is a kind in %s: use another name", r.Kind, other, g.in(k))
		}
	}
	for _, affix := range []struct{ before, after string }{{"New", ""}, {"Typed", ""}, {"Filtered", ""}, {"", "Index"}, {"", "Namespace"}} {
		if r.Kind == affix.before+other+affix.after || other == affix.before+r.Kind+affix.after {
			return fmt.Errorf("kind %q: beside %s in %s, the generated clients would declare some names twice: use another, as in My%s", r.Kind, other, g.in(k), r.Kind)
		}
	}
	return nil
}

// SharedNames returns a line for each short name of r that means a resource of another group too: no error, since
// clients can qualify it.
func SharedNames(p *Project, r resource.Resource) []string {
	var notes []string
	for _, g := range p.Groups {
		if g.Name == r.Group {
			continue
		}
		for _, k := range g.Kinds {
			theirs := append([]string{k.Resource.Plural, k.Resource.Singular}, k.Resource.ShortNames...)
			for _, name := range r.ShortNames {
				if slices.Contains(theirs, name) {
					notes = append(notes, fmt.Sprintf("short name %s: is also a name of %s in %s: kubectl takes the first that the server lists; write %s.%s to be sure",
						name, k.Resource.Plural, g.Name, r.Plural, r.Group))
				}
			}
		}
	}
	return notes
}

// sameResource refuses kinds that clients could not tell from another by plural, singular or short name.
func sameResource(g *Group, k Kind, r resource.Resource) error {
	type named struct{ what, flag, name string }
	names := func(r resource.Resource) []named {
		all := []named{{"plural", "--plural", r.Plural}, {"singular", "--singular", r.Singular}}
		for _, s := range r.ShortNames {
			all = append(all, named{"short name", "--short-names", s})
		}
		return all
	}
	for _, mine := range names(r) {
		for _, theirs := range names(k.Resource) {
			if mine.name == theirs.name {
				return fmt.Errorf("kind %q: its %s %s is the %s of %s in %s: choose another with %s", r.Kind, mine.what, mine.name, theirs.what, k.Resource.Kind, g.in(k), mine.flag)
			}
		}
	}
	return nil
}
