package resource

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// ParseGroupVersion splits "example/v1" into its group and version, both valid.
func ParseGroupVersion(s string) (group, version string, err error) {
	group, version, ok := strings.Cut(s, "/")
	switch {
	case !ok && isVersionLike(s):
		return "", "", fmt.Errorf("%q names no group: write GROUP/VERSION, as in example/%s", s, s)
	case !ok || group == "" || version == "" || strings.Contains(version, "/"):
		return "", "", fmt.Errorf("%q is not a group and a version: write GROUP/VERSION, as in example/v1", s)
	}
	if err := validateGroup(group); err != nil {
		return "", "", err
	}
	if err := validateVersion(version); err != nil {
		return "", "", err
	}
	return group, version, nil
}

// Validate returns the first thing about a completed resource that Kubernetes or Go would reject, with what to do
// instead, in one line.
func (r Resource) Validate() error {
	for _, check := range []func() error{
		func() error { return validateGroup(r.Group) },
		func() error { return validateVersion(r.Version) },
		func() error { return validateKind(r.Kind) },
		func() error { return validateName("plural", r.Plural, "--plural "+suggestName(Pluralize(r.Kind))) },
		func() error { return validateName("singular", r.Singular, "--singular "+strings.ToLower(r.Kind)) },
		r.validateShortNames,
		r.validateCategories,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func validateGroup(group string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("group %q: %s", group, fmt.Sprintf(format, args...))
	}
	if group == "" {
		return fail("empty: name one, as in example or batch.example.com")
	}
	if lower := strings.ToLower(group); lower != group && len(validation.IsDNS1123Subdomain(lower)) == 0 {
		return fail("must be lower case: use %s", lower)
	}
	if problems := validation.IsDNS1123Subdomain(group); len(problems) > 0 {
		return fail("Kubernetes rejects it: %s", oneLine(problems[0]))
	}
	for label := range strings.SplitSeq(group, ".") {
		if len(label) > validation.DNS1123LabelMaxLength {
			return fail("%q has %d characters: use at most %d between dots", label, len(label), validation.DNS1123LabelMaxLength)
		}
	}
	label, _, _ := strings.Cut(group, ".")
	name := GroupDir(group)
	switch {
	case name[0] >= '0' && name[0] <= '9':
		return fail("its first label names a Go package, which cannot start with a digit: start it with a letter")
	case token.IsKeyword(name):
		return fail("its first label names a Go package, and %s is a Go keyword: use another, as in my%s", label, group)
	case isPredeclared(name):
		return fail("its first label names a Go package, and Go predeclares %s: use another, as in my%s", label, group)
	case isTakenGroup(name) || IsVersion(name):
		return fail("its first label names a Go package, and %s has another meaning there: use another, as in my%s", label, group)
	}
	return nil
}

func validateVersion(version string) error {
	if IsVersion(version) {
		return nil
	}
	if isVersionLike(version) && IsVersion(strings.ToLower(version)) {
		return fmt.Errorf("version %q: must be lower case: use %s", version, strings.ToLower(version))
	}
	return fmt.Errorf("version %q: Kubernetes ranks versions by their form: use v1, v1beta1 or v1alpha1, with any numbers from 1", version)
}

func validateKind(kind string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("kind %q: %s", kind, fmt.Sprintf(format, args...))
	}
	camel := camelCase(kind)
	switch {
	case kind == "":
		return fail("empty: name one in CamelCase, as in Bar")
	case camel == "":
		return fail("must be letters and digits in CamelCase, starting with a letter, as in Bar")
	case camel != kind:
		return fail("must be letters and digits in CamelCase: use %s", camel)
	case len(kind) > validation.DNS1035LabelMaxLength:
		return fail("has %d characters: use at most %d", len(kind), validation.DNS1035LabelMaxLength)
	case token.IsKeyword(strings.ToLower(kind)):
		return fail("the generated clients name parameters %s, which is a Go keyword: use another, as in My%s", strings.ToLower(kind), kind)
	case isTakenParameter(strings.ToLower(kind[:1]) + kind[1:]):
		return fail("the generated clients name parameters %s, which they have already: use another, as in My%s", strings.ToLower(kind), kind)
	case isBuildConstraint(strings.ToLower(kind)):
		return fail("the generated clients have a file fake_%s.go, which Go does not build everywhere: use another, as in My%s", strings.ToLower(kind), kind)
	case kind == "Typed":
		return fail("the generated informers have a type TypedInformer for another purpose: use another, as in My%s", kind)
	case isMetaKind(kind):
		return fail("every API group of Kubernetes has a kind of that name already: use another, as in My%s", kind)
	case isPackageIdentifier(kind):
		return fail("the package of API types declares %s for another purpose: use another, as in My%s", kind, kind)
	}
	return nil
}

// validateName checks a name that stands in URLs; instead is what to give in its place.
func validateName(what, name, instead string) error {
	problems := validation.IsDNS1035Label(name)
	switch {
	case len(problems) > 0 && len(validation.IsDNS1035Label(strings.ToLower(name))) == 0:
		return fmt.Errorf("%s %q: must be lower case: use %s", what, name, strings.ToLower(name))
	case len(problems) > 0:
		return fmt.Errorf("%s %q: Kubernetes rejects it: %s: use another, as in %s", what, name, oneLine(problems[0]), instead)
	case token.IsKeyword(name) && what == "plural":
		return fmt.Errorf("%s %q: is a Go keyword: use another, as in %s", what, name, instead)
	case isPredeclared(name) && what == "plural":
		return fmt.Errorf("%s %q: is a name that Go predeclares: use another, as in %s", what, name, instead)
	}
	return nil
}

func (r Resource) validateShortNames() error {
	for i, name := range r.ShortNames {
		if err := validateName("short name", name, "--short-names "+r.Singular[:1]); err != nil {
			return err
		}
		switch {
		case name == r.Plural:
			return fmt.Errorf("short name %q: is the plural of %s already: leave it out", name, r.Kind)
		case name == r.Singular:
			return fmt.Errorf("short name %q: is the singular of %s already: leave it out", name, r.Kind)
		case slices.Contains(r.ShortNames[:i], name):
			return fmt.Errorf("short name %q: is given twice: leave one out", name)
		}
	}
	return nil
}

func (r Resource) validateCategories() error {
	for i, name := range r.Categories {
		if err := validateName("category", name, "--categories all"); err != nil {
			return err
		}
		if slices.Contains(r.Categories[:i], name) {
			return fmt.Errorf("category %q: is given twice: leave one out", name)
		}
	}
	return nil
}

// Notes returns what is allowed but worth a line to the user.
func (r Resource) Notes() []string {
	switch {
	case strings.HasSuffix("."+r.Group, ".k8s.io"), strings.HasSuffix("."+r.Group, ".kubernetes.io"):
		return []string{fmt.Sprintf("group %s: *.k8s.io and *.kubernetes.io belong to the Kubernetes project: publish such an API only with its approval (https://github.com/kubernetes/enhancements/pull/1111)", r.Group)}
	case isBuiltInGroup(r.Group):
		return []string{fmt.Sprintf("group %s: Kubernetes has a group of that name: this one cannot be served beside it", r.Group)}
	}
	return nil
}

// oneLine keeps what an upstream message says about a value and leaves out the regular expression.
func oneLine(problem string) string {
	problem, _, _ = strings.Cut(problem, " (e.g.")
	return strings.Join(strings.Fields(problem), " ")
}
