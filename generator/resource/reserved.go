package resource

import (
	"go/build"
	"go/types"
	"io"
	"strings"
)

func isPredeclared(name string) bool { return types.Universe.Lookup(name) != nil }

// isPackageFile says whether a package of API types has a file of that name for another purpose.
func isPackageFile(name string) bool {
	switch name {
	case "doc", "register", "defaults", "conversion", "conversions", "validation", "validations":
		return true
	}
	return false
}

// isPackageIdentifier says whether the packages of API types declare that name themselves.
func isPackageIdentifier(kind string) bool {
	switch kind {
	case "AddToScheme", "GroupName", "Kind", "RegisterConversions", "RegisterDefaults", "RegisterValidations", "Resource",
		"SchemeBuilder", "SchemeGroupVersion":
		return true
	}
	return false
}

// isMetaKind says whether metav1.AddToGroupVersion registers a kind of that name in every group, or subresources
// have one.
func isMetaKind(kind string) bool {
	switch kind {
	case "APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "CreateOptions", "DeleteOptions", "GetOptions",
		"InternalEvent", "List", "ListOptions", "PatchOptions", "Scale", "Status", "Table", "UpdateOptions", "WatchEvent":
		return true
	}
	return false
}

// isTakenParameter says whether the generated clients have a parameter or a result of that name beside the one that they
// name after the kind.
func isTakenParameter(name string) bool {
	switch name {
	case "ctx", "err", "opts", "result":
		return true
	}
	return false
}

// isBuildConstraint says whether Go takes fake_NAME.go, which the generated clients have for each kind, for a test or
// for a file of one platform.
func isBuildConstraint(name string) bool {
	nowhere := build.Context{OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package fake\n")), nil
	}}
	everywhere, err := nowhere.MatchFile("", "fake_"+name+".go")
	return name == "test" || err == nil && !everywhere
}

// isTakenGroup says whether a group's package could not be imported or built under that name.
func isTakenGroup(name string) bool {
	switch name {
	case "init", "install", "internal", "main", "testdata", "vendor":
		return true
	}
	return false
}

// isTakenPackage says whether a registry package of that name could not be imported, or would hide a package that
// the group's store.go imports.
func isTakenPackage(name string) bool {
	switch name {
	case "init", "internal", "main", "testdata", "vendor",
		"context", "errors", "fmt", "runtime", "generic", "genericapiserver", "genericregistry", "metav1", "names",
		"registry", "rest", "schema", "scheme", "serializer", "storage", "getter", "info":
		return true
	}
	return false
}

// isTakenVar says whether generated code gives that name to something else where it needs a variable for an object or
// its storage.
func isTakenVar(name string) bool {
	switch name {
	case "ctx", "err", "init", "main", "obj", "object", "old", "options", "opts", "getter", "store", "status", "strategy",
		"context", "errors", "field", "fields", "fmt", "generic", "info", "labels", "metav1", "names", "registry", "rest",
		"runtime", "schema", "scheme", "serializer", "storage":
		return true
	}
	return false
}

// isBuiltInGroup says whether Kubernetes serves a group of that name.
func isBuiltInGroup(group string) bool {
	switch group {
	case "apps", "autoscaling", "batch", "core", "extensions", "policy":
		return true
	}
	return false
}
