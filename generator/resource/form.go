package resource

import (
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
)

// IsVersion says whether a version has the form by which Kubernetes ranks versions: v1, v2beta1, v3alpha12.
func IsVersion(version string) bool {
	rest, ok := cutNumber(strings.TrimPrefix(version, "v"))
	if !ok || !strings.HasPrefix(version, "v") {
		return false
	}
	if rest == "" {
		return true
	}
	for _, stage := range []string{"alpha", "beta"} {
		if number, ok := strings.CutPrefix(rest, stage); ok {
			rest, ok = cutNumber(number)
			return ok && rest == ""
		}
	}
	return false
}

// cutNumber cuts a number without a leading zero from the front of s.
func cutNumber(s string) (rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	return rest, len(rest) < len(s) && s[0] != '0'
}

// isVersionLike says whether someone who wrote s meant a version.
func isVersionLike(s string) bool {
	return len(s) > 1 && (s[0] == 'v' || s[0] == 'V') && s[1] >= '0' && s[1] <= '9'
}

// camelCase returns the kind that someone who wrote s meant: Bar for bar, FooBar for foo-bar; "" when there is none.
func camelCase(s string) string {
	var b strings.Builder
	upper := true
	for _, r := range s {
		switch {
		case r == '-' || r == '_' || r == ' ' || r == '.':
			upper = true
		case r > unicode.MaxASCII || !(unicode.IsLetter(r) || unicode.IsDigit(r)):
			return ""
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	name := b.String()
	if name == "" || !unicode.IsUpper(rune(name[0])) {
		return ""
	}
	return name
}

// suggestName returns a name that Kubernetes accepts, to show in a message.
func suggestName(name string) string {
	if len(validation.IsDNS1035Label(name)) == 0 {
		return name
	}
	return "bars"
}
