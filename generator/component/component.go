package component

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Component is a component of a project's own.
type Component struct {
	// Name is as a user has given it: "gpu-aware".
	Name string
	// Package is the folder, and the Go package: "gpuaware".
	Package string
	// Type is what Go names begin with: "GpuAware".
	Type string
}

// New returns the component of that name. Names in taken are those of others. The error says what to do, in one line.
func New(name string, taken ...string) (Component, error) {
	fail := func(format string, args ...any) (Component, error) {
		return Component{}, fmt.Errorf("name %q: %s", name, fmt.Sprintf(format, args...))
	}
	problems := validation.IsDNS1035Label(name)
	switch {
	case len(problems) > 0 && len(validation.IsDNS1035Label(strings.ToLower(name))) == 0:
		return fail("must be lower case: use %s", strings.ToLower(name))
	case len(problems) > 0:
		return fail("must be lower case letters, digits and dashes, start with a letter and end with none of the dashes, %d characters at most, as in gpu-aware", validation.DNS1035LabelMaxLength)
	case slices.Contains(taken, name):
		return fail("is taken: use another, as in my-%s", name)
	}
	c := Component{Name: name, Package: strings.ReplaceAll(name, "-", "")}
	for word := range strings.SplitSeq(name, "-") {
		if word != "" {
			c.Type += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	switch {
	case token.IsKeyword(c.Package), types.Universe.Lookup(c.Package) != nil:
		return fail("names a Go package, and %s means something else in Go: use another, as in my-%s", c.Package, name)
	case slices.Contains([]string{"documentation", "init", "internal", "main", "testdata", "vendor"}, c.Package):
		return fail("names a Go package, and %s cannot be imported: use another, as in my-%s", c.Package, name)
	}
	return c, nil
}
