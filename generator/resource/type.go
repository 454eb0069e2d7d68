package resource

import (
	"errors"
	"fmt"
	"strings"
)

// Type names a kind in a version of a group.
type Type struct {
	Group, Version, Kind string
}

// String returns the name in the form that is one word: "example/v1/Bar".
func (t Type) String() string { return t.GroupVersion() + "/" + t.Kind }

// Words returns the name in the form that is two words: "example/v1 Bar".
func (t Type) Words() string { return t.GroupVersion() + " " + t.Kind }

// GroupVersion returns "group/version".
func (t Type) GroupVersion() string { return t.Group + "/" + t.Version }

// CutType reads the name of a type from the front of what was typed, in either form: example/v1 Bar, or example/v1/Bar. It returns
// what follows it. Group and version are valid then; that the kind is one that Kubernetes accepts is for Resource.Validate to say.
func CutType(words []string) (t Type, rest []string, err error) {
	if len(words) == 0 {
		return Type{}, nil, errors.New("no type is named: write GROUP/VERSION KIND, as in example/v1 Bar")
	}
	name, kind, isWord := words[0], "", strings.Count(words[0], "/") == 2
	rest = words[1:]
	if isWord {
		at := strings.LastIndexByte(name, '/')
		name, kind = name[:at], name[at+1:]
	}
	if t.Group, t.Version, err = ParseGroupVersion(name); err != nil {
		return Type{}, nil, err
	}
	if !isWord {
		if len(rest) == 0 {
			return Type{}, nil, fmt.Errorf("%q names no kind: write GROUP/VERSION KIND, as in %s Bar", name, name)
		}
		kind, rest = rest[0], rest[1:]
	}
	if kind == "" || strings.Contains(kind, "/") {
		return Type{}, nil, fmt.Errorf("kind %q: write GROUP/VERSION KIND, as in %s Bar", kind, name)
	}
	t.Kind = kind
	return t, rest, nil
}
