package builtin

import (
	"fmt"
	"slices"
	"strings"
)

// Resource is one of Kubernetes' own API.
type Resource struct {
	// Folder is that of its group in runtime/kubernetes; its package there has the resource's name.
	Folder string
	// Name is the plural, Kind the kind, whose lower case is the singular; ShortName is kubectl's abbreviation, if any.
	Name, Kind, ShortName string
	// Group is its API group, empty for the one without a name. OtherGroup has it as well.
	Group, OtherGroup string
	// RefersTo are the names of those that its objects refer to.
	RefersTo []string
	// Note is for those who add it.
	Note string
}

// Package is where the resource lies below runtime/kubernetes.
func (r Resource) Package() string { return r.Folder + "/" + r.Name }

// names are all that stands for the resource.
func (r Resource) names() []string {
	names := []string{r.Name}
	if singular := strings.ToLower(r.Kind); singular != r.Name { // as it is with endpoints
		names = append(names, singular)
	}
	if r.ShortName != "" {
		names = append(names, r.ShortName)
	}
	return names
}

// Find returns the resource of a name as kubectl takes them: the plural, the singular or the short name, in any case, and
// after a dot the group, or the version and the group. The error is a line that suggests the nearest name.
func Find(name string) (Resource, error) {
	word, group, qualified := strings.Cut(strings.ToLower(name), ".")
	for _, r := range Resources() {
		if slices.Contains(r.names(), word) && (!qualified || r.in(group)) {
			return r, nil
		}
	}
	if slices.Contains(wholeOnly(), word) {
		return Resource{}, fmt.Errorf("%s come with the whole built-in API only, kubecraft add builtin --all", word)
	}
	if near := nearest(word); near != "" {
		return Resource{}, fmt.Errorf("there is no built-in resource %q, did you mean %s?", name, near)
	}
	return Resource{}, fmt.Errorf("there is no built-in resource %q: the help lists them", name)
}

// in says whether a group is the resource's, with a version before it or not.
func (r Resource) in(group string) bool {
	version, rest, _ := strings.Cut(group, ".")
	return group == r.Group || rest == r.Group && strings.HasPrefix(version, "v") || r.OtherGroup != "" && (group == r.OtherGroup || rest == r.OtherGroup)
}

// nearest returns the resource whose name takes the fewest changes to be word, none if that is more than a third of it.
func nearest(word string) string {
	best, least := "", len(word)/3+1
	for _, r := range Resources() {
		for _, name := range r.names() {
			if d := distance(word, name); d < least && len(name) > 2 {
				best, least = r.Name, d
			}
		}
	}
	return best
}

// distance counts the letters to insert, to leave out or to exchange that make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Missing returns a line for each of the resources that refers to some that are not served, with the command that adds
// them.
func Missing(of []Resource, served []string) []string {
	var lines []string
	for _, r := range of {
		var missing []string
		for _, name := range r.RefersTo {
			if !slices.Contains(served, name) {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			lines = append(lines, fmt.Sprintf("%s refer to %s, which are not served: kubecraft add builtin %s", r.Name, Join(missing), strings.Join(missing, " ")))
		}
	}
	return lines
}

// Join writes names as a sentence does: "a, b and c".
func Join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
