package resource

import (
	"go/token"
	"strings"
	"unicode"
)

// GroupDir returns the folder, and the Go package, of a group's internal types: the group's first label without
// dashes.
func GroupDir(group string) string {
	label, _, _ := strings.Cut(group, ".")
	return strings.ReplaceAll(label, "-", "")
}

// GroupDir is the folder under pkg/apis and pkg/registry, and the name of the Go package in both: "example".
func (r Resource) GroupDir() string { return GroupDir(r.Group) }

// InstallAlias is the name under which pkg/apiserver imports the group's install package: "exampleinstall".
func (r Resource) InstallAlias() string { return r.GroupDir() + "install" }

// RegistryAlias is the name under which pkg/apiserver imports the group's registry: "exampleregistry".
func (r Resource) RegistryAlias() string { return r.GroupDir() + "registry" }

// FileName is the file that defines the type in its internal and external package: "bar.go", or "doc_types.go" where
// the plain name is taken by another file of the package.
func (r Resource) FileName() string {
	name := strings.ToLower(r.Kind)
	if isPackageFile(name) {
		return name + "_types.go"
	}
	return name + ".go"
}

// RegistryPackage is the folder under pkg/registry/<group>, and the Go package, of the kind's storage: "bar", or
// "mainkind" where Go or the code around it gives the plain name another meaning.
func (r Resource) RegistryPackage() string {
	name := strings.ToLower(r.Kind)
	if token.IsKeyword(name) || isPredeclared(name) || isTakenPackage(name) || name == r.GroupDir() {
		return name + "kind"
	}
	return name
}

// StorageVar is the name for the variable that holds the kind's storage in the group's registry: "bars", "fooBars".
func (r Resource) StorageVar() string {
	plural := Pluralize(r.Kind)
	name := lowerCamel(r.Kind)
	// Only the end differs between the plural and the kind, so that the kind's capitals can be kept.
	same := 0
	for same < len(name) && same < len(plural) && strings.EqualFold(name[same:same+1], plural[same:same+1]) {
		same++
	}
	name = name[:same] + plural[same:]
	if token.IsKeyword(name) || isPredeclared(name) || isTakenVar(name) || name == r.RegistryPackage() || name == r.GroupDir() {
		return name + "Storage"
	}
	return name
}

// lowerCamel lowers the first word of a CamelCase name: FooBar is fooBar, HTTPRoute is httpRoute, CPU is cpu.
func lowerCamel(s string) string {
	runes := []rune(s)
	for i := range runes {
		if !unicode.IsUpper(runes[i]) {
			break
		}
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}
