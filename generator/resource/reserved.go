package resource

import "go/types"

func isPredeclared(name string) bool { return types.Universe.Lookup(name) != nil }

// isPackageFile says whether a package of API types has a file of that name for another purpose.
func isPackageFile(name string) bool {
	switch name {
	case "doc", "register", "defaults", "conversion", "conversions", "validation", "validations":
		return true
	}
	return false
}

// isTakenPackage says whether a registry package of that name would not be importable, or would hide a package that
// the group's store.go imports.
func isTakenPackage(name string) bool {
	switch name {
	case "main", "internal", "vendor", "testdata", "init",
		"context", "errors", "fmt", "runtime", "generic", "generated", "genericapiserver", "genericregistry",
		"metav1", "names", "registry", "rest", "schema", "scheme", "serializer", "storage", "getter", "info":
		return true
	}
	return false
}

// isTakenVar says whether the templates give that name to something else where they need a variable for an object.
func isTakenVar(name string) bool {
	switch name {
	case "ctx", "err", "info", "init", "main", "obj", "old", "options", "opts", "scheme", "getter", "store", "status",
		"strategy", "storage", "runtime", "generic", "rest", "registry", "names", "metav1", "schema", "field", "fields",
		"labels", "context", "errors", "fmt", "serializer":
		return true
	}
	return false
}
