package rewrite

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// Subresource is what a registry's store.go says about a subresource, in every version that serves the resource.
type Subresource struct {
	// Constructor makes the storage of the kind, as in "bar.NewStorage".
	Constructor string
	// Resource and Name are the two parts of the path, as in "bars" and "status".
	Resource, Name string
	// Storage writes the expression that serves it, given the names of the variables that hold the kind's storage and the scheme.
	Storage func(storage, scheme string) string
}

// Path is the path of the subresource, as in "bars/status".
func (s Subresource) Path() string { return s.Resource + "/" + s.Name }

// AddSubresource makes every version that serves the resource serve the subresource too, below it. Those that do stay as
// they are. It fails with a *NotFoundError if no version does, or one only under a condition.
func AddSubresource(filename string, src []byte, s Subresource) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var edits []edit
	found := false
	for _, r := range f.registries() {
		variable, constructed := r.variable(s.Constructor)
		scheme, _ := r.parameters()
		for i := range r.maps {
			m := &r.maps[i]
			if !r.serves(m.version, s.Resource) {
				continue
			}
			if !constructed || scheme == "" {
				continue
			}
			if r.serves(m.version, s.Path()) {
				found = true
				continue
			}
			if !slices.Contains(m.plainPaths(), s.Resource) {
				// The subresource has the condition of its resource, which is for a person to say.
				return nil, s.notFound(filename)
			}
			found = true
			edits = append(edits, r.subresource(m, Entry{s.Path(), s.Storage(variable, scheme)})...)
		}
	}
	if !found {
		return nil, s.notFound(filename)
	}
	return keepFormatted(src, apply(src, edits)), nil
}

func (s Subresource) notFound(filename string) error {
	return &NotFoundError{
		File:   filename,
		Wanted: "version that serves " + strconv.Quote(s.Resource) + ", under no condition, from what " + s.Constructor + " returns",
		Lines:  strconv.Quote(s.Path()) + ": " + s.Storage("storage", "scheme") + ",",
	}
}

// RemoveSubresource takes out what AddSubresource puts in. It changes nothing if it is not there.
func RemoveSubresource(filename string, src []byte, path string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	var edits []edit
	for _, r := range f.registries() {
		for _, m := range r.maps {
			if stmt := m.indexed[path]; stmt != nil {
				edits = append(edits, f.removeStatements(stmt, stmt))
			}
			if m.literal == nil {
				continue
			}
			for i, e := range m.literal.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if key, ok := stringValue(kv.Key); ok && key == path {
						edits = append(edits, f.removeFrom(f.elements(m.literal), i))
					}
				}
			}
		}
	}
	return keepFormatted(src, apply(src, edits)), nil
}

// subresource returns the edits that put an entry into the map of a version, behind the last one of its resource.
func (r *registry) subresource(m *versionMap, e Entry) []edit {
	if m.literal == nil || len(m.indexed) > 0 {
		target := m.variable
		if target == "" {
			target = r.text(m.stmt.Lhs[0])
		}
		return r.appendStatements(m.last, target+"["+strconv.Quote(e.Resource)+"] = "+e.Storage)
	}
	resource, _, _ := strings.Cut(e.Resource, "/")
	after := m.literal.Elts[len(m.literal.Elts)-1]
	for _, element := range m.literal.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := stringValue(kv.Key); ok && (key == resource || strings.HasPrefix(key, resource+"/")) {
				after = element
			}
		}
	}
	end := r.offset(after.End())
	text := inlinePairs([]Entry{e})[0]
	if comma := r.skip(end, false); r.src[comma] == ',' {
		if at, ok := r.lineEnd(comma + 1); ok {
			return []edit{insert(at, r.newlineAt(end)+r.indentAt(r.offset(after.Pos()))+text+",")}
		}
	}
	return []edit{insert(end, ", "+text)}
}
