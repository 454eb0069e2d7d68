package rewrite

import (
	"go/ast"
	"maps"
	"slices"
)

// KnownTypes returns the names of the package's own types that the file registers for its own group version: those that
// AddKnownTypes would not add again. It returns none for a file that registers nothing.
func KnownTypes(filename string, src []byte) ([]string, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, r := range f.registrations() {
		kinds = append(kinds, r.kinds...)
	}
	return kinds, nil
}

// ServedPaths returns by version the paths, such as "bars" and "bars/status", that a registry's store.go serves: those
// that AddResourceStorage would not add again.
func ServedPaths(filename string, src []byte) (map[string][]string, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	served := map[string][]string{}
	for _, r := range f.registries() {
		for _, m := range r.maps {
			if m.version != "" {
				served[m.version] = append(served[m.version], m.paths()...)
			}
		}
	}
	return served, nil
}

// paths returns what the map holds.
func (m versionMap) paths() []string { return append(m.plainPaths(), m.conditional...) }

// plainPaths returns what the map holds under no condition.
func (m versionMap) plainPaths() []string {
	paths := slices.Sorted(maps.Keys(m.indexed))
	if m.literal == nil {
		return paths
	}
	for _, e := range m.literal.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if path, ok := stringValue(kv.Key); ok {
				paths = append(paths, path)
			}
		}
	}
	return paths
}
