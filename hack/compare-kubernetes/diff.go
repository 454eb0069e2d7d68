package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference is one place where the answers are not the same.
type difference struct {
	area, request string // what was compared, and of it which answer
	place         string // in the answer, as /metadata/name
	ours, theirs  string // JSON, cut; empty where there is nothing
}

func (d difference) String() string {
	return fmt.Sprintf("%s: %s: %s\n\tours:       %s\n\tupstream's: %s", d.area, d.request, d.place, d.ours, d.theirs)
}

// key is what accepted.yaml's patterns match.
func (d difference) key() string { return d.area + ": " + d.request + ": " + d.place }

// compare finds the differences of two values.
func compare(area, request string, ours, theirs any) []difference {
	var all []difference
	walk("", ours, theirs, func(place string, a, b any) {
		all = append(all, difference{area, request, place, cut(show(a)), cut(show(b))})
	})
	return all
}

// nothing stands for a value that one of the sides does not have.
type nothing struct{}

func walk(place string, ours, theirs any, found func(place string, ours, theirs any)) {
	switch a := ours.(type) {
	case map[string]any:
		if b, ok := theirs.(map[string]any); ok {
			keys := slices.Sorted(maps.Keys(a))
			for key := range b {
				if _, ok := a[key]; !ok {
					keys = append(keys, key)
				}
			}
			slices.Sort(keys)
			for _, key := range keys {
				walk(place+"/"+key, orNothing(a, key), orNothing(b, key), found)
			}
			return
		}
	case []any:
		if b, ok := theirs.([]any); ok {
			walkLists(place, a, b, found)
			return
		}
	}
	if show(ours) != show(theirs) {
		found(place, ours, theirs)
	}
}

func orNothing(m map[string]any, key string) any {
	if value, ok := m[key]; ok {
		return value
	}
	return nothing{}
}

// walkLists compares elements by their names if all have one of their own, and then the order of those that both have.
func walkLists(place string, a, b []any, found func(place string, ours, theirs any)) {
	namesA, mapA := named(a)
	namesB, mapB := named(b)
	if mapA == nil || mapB == nil {
		for i := range max(len(a), len(b)) {
			var x, y any = nothing{}, nothing{}
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			walk(fmt.Sprintf("%s/%d", place, i), x, y, found)
		}
		return
	}
	walk(place, mapA, mapB, found)
	without := func(names []string, in map[string]any) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := in[name]; return !ok }), " ")
	}
	if x, y := without(namesA, mapB), without(namesB, mapA); x != y {
		found(place+"/(order)", x, y)
	}
}

// named returns a list's elements by what names them, or nil.
func named(list []any) ([]string, map[string]any) {
	var names []string
	all := map[string]any{}
	for _, element := range list {
		name := ""
		switch v := element.(type) {
		case string:
			name = v
		case map[string]any:
			name = nameOf(v)
		}
		if _, twice := all[name]; name == "" || twice {
			return nil, nil
		}
		names = append(names, name)
		all[name] = element
	}
	return names, all
}

func nameOf(v map[string]any) string {
	if object, ok := v["object"].(map[string]any); ok { // a row of a table
		v = object
	}
	meta, _ := v["metadata"].(map[string]any)
	if meta == nil {
		meta = v
	}
	if name, _ := meta["name"].(string); name != "" {
		if namespace, _ := meta["namespace"].(string); namespace != "" {
			return namespace + "." + name
		}
		return name
	}
	if version, ok := v["version"].(string); ok && v["kind"] != nil {
		return fmt.Sprint(v["group"], "/", version, "/", v["kind"])
	}
	for _, key := range []string{"resource", "groupVersion", "version", "subresource", "manager", "type"} {
		if name, _ := v[key].(string); name != "" {
			return name
		}
	}
	return ""
}

// showLimit is how many bytes of a value are shown.
const showLimit = 400

func show(v any) string {
	if _, ok := v.(nothing); ok {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		text = fmt.Append(nil, v)
	}
	return string(text)
}

// cut is for those who read.
func cut(s string) string {
	if len(s) > showLimit {
		return s[:showLimit] + "..."
	}
	return s
}
