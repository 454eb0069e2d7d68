package codegen

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// explain turns a generator's failure into a diagnostic at the user's source.
func (p *places) explain(err error, said []logLine) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	message := f.program + ": " + strings.TrimPrefix(oneLine(f.message), "some targets had errors: ")
	detail := make([]string, len(said))
	for i, line := range said {
		detail[i] = line.text
	}
	d, found := p.find(message)
	if !found && strings.Contains(message, "default") {
		d, found = p.badDefault(message)
	}
	if !found && f.current != nil {
		if t := p.types[f.current.Name.String()]; t != nil {
			d, found = p.inType(t, t.uncopyable(), message), true
		}
	}
	if !found {
		d = Diagnostic{Message: p.shorten(message)}
	}
	return &Error{Diagnostics: []Diagnostic{d}, Detail: strings.Join(detail, "\n")}
}

var defaultMarker = regexp.MustCompile(`^//\s*\+(?:k8s:)?default=(.*)$`)

// badDefault finds the field whose +default marker is neither JSON nor a reference: upstream does not say which it is.
func (p *places) badDefault(message string) (Diagnostic, bool) {
	for _, name := range slices.Sorted(maps.Keys(p.types)) {
		t := p.types[name]
		for _, field := range slices.Sorted(maps.Keys(t.fields)) {
			doc := t.fields[field].Doc
			if doc == nil {
				continue
			}
			for _, comment := range doc.List {
				m := defaultMarker.FindStringSubmatch(comment.Text)
				if m != nil && !strings.HasPrefix(m[1], "ref(") && !json.Valid([]byte(strings.Trim(m[1], "`"))) {
					return p.at(comment.Pos(), message+" (in +default of "+t.spec.Name.Name+"."+field+")"), true
				}
			}
		}
	}
	return Diagnostic{}, false
}

// uncopyable returns the first field of the type that cannot be in an API object, "" if there is none.
func (t *typePlace) uncopyable() string {
	st, ok := t.spec.Type.(*ast.StructType)
	if !ok {
		return ""
	}
	under := t.structure()
	if under == nil {
		return ""
	}
	kinds := map[string]types.Type{}
	for v := range under.Fields() {
		kinds[v.Name()] = v.Type()
	}
	for _, field := range st.Fields.List {
		for _, name := range fieldNames(field) {
			if kind := kinds[name]; kind != nil && !copyable(kind, 0) {
				return name
			}
		}
	}
	return ""
}

// copyable reports whether deepcopy-gen can copy values of the type. Named types are left to their own message.
func copyable(t types.Type, depth int) bool {
	if depth > 10 {
		return true
	}
	switch t := types.Unalias(t).(type) {
	case *types.Chan, *types.Signature, *types.Interface:
		return false
	case *types.Basic:
		return t.Kind() != types.UnsafePointer && t.Kind() != types.Uintptr
	case *types.Pointer:
		return copyable(t.Elem(), depth+1)
	case *types.Slice:
		return copyable(t.Elem(), depth+1)
	case *types.Array:
		return copyable(t.Elem(), depth+1)
	case *types.Map:
		return copyable(t.Key(), depth+1) && copyable(t.Elem(), depth+1)
	case *types.Named:
		switch t.Underlying().(type) {
		case *types.Chan, *types.Signature:
			return false
		}
	}
	return true
}

// Hints by rule for openapi-gen's findings.
func ruleHint(rule string) string {
	switch rule {
	case "names_match":
		return "the JSON name should be the Go name with a lower-case start"
	case "omitempty_match_case":
		return "write omitempty in lower case"
	case "list_type_missing":
		return "say how lists are merged: // +listType=atomic, set or map"
	}
	return "see https://github.com/kubernetes/kube-openapi/tree/master/pkg/generators/rules"
}

// violations turns openapi-gen's report into warnings, those about the user's types only.
func (p *places) violations(report string) []Diagnostic {
	var list []Diagnostic
	for line := range strings.Lines(report) {
		_, rest, ok := strings.Cut(strings.TrimSpace(line), "API rule violation: ")
		parts := strings.Split(rest, ",")
		if !ok || len(parts) != 4 {
			continue
		}
		t := p.types[parts[1]+"."+parts[2]]
		if t == nil {
			continue
		}
		name := parts[2]
		if parts[3] != "" {
			name += "." + parts[3]
		}
		list = append(list, p.inType(t, parts[3], "API rule "+parts[0]+": "+name+": "+ruleHint(parts[0])))
	}
	return list
}

// warnings returns what else a generator complained about in the user's source without giving up.
func (p *places) warnings(g upstream, said []logLine) []Diagnostic {
	var list []Diagnostic
	for _, line := range said {
		if !line.isError || g.program == "conversion-gen" && missingConversion.MatchString(line.text) {
			continue
		}
		if d, ok := p.find(g.program + ": " + oneLine(line.text)); ok {
			list = append(list, d)
		}
	}
	return list
}
