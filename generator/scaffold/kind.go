package scaffold

import (
	"go/token"
	"path"
	"strings"

	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// kind is what the templates in resource/ know about the type to be added.
type kind struct {
	resource.Resource
	// Module is the project's module path.
	Module string
	// GroupPackage is the folder and the package of the group, KindPackage that of the kind's storage.
	GroupPackage, KindPackage string
	// VersionDir and VersionPackage are the folder and the package of the version.
	VersionDir, VersionPackage string
}

func (k kind) Namespaced() bool { return !k.ClusterScoped }
func (k kind) Status() bool     { return k.HasStatus() }

// API is the name by which other packages know the group's internal package.
func (k kind) API() string {
	if isTakenName(k.GroupPackage) || k.GroupPackage == k.StorageAlias() || k.GroupPackage == k.VersionAlias() || k.GroupPackage == k.StorageVar() {
		return k.GroupPackage + "api"
	}
	return k.GroupPackage
}

// APIImport is the import spec of the group's internal package.
func (k kind) APIImport() string {
	spec := `"` + k.apiPath() + `"`
	if k.API() != k.GroupPackage {
		return k.API() + " " + spec
	}
	return spec
}

// VersionAlias is the name by which other packages know the external version.
func (k kind) VersionAlias() string {
	if alias := k.GroupPackage + k.Version; !isTakenName(alias) {
		return alias
	}
	return k.GroupPackage + "api" + k.Version
}

// VersionImport is the import spec of the external version's package.
func (k kind) VersionImport() string { return k.VersionAlias() + ` "` + k.versionPath() + `"` }

// ResourceName is the resource's name for the generators of clients; empty when it is the one that they derive.
func (k kind) ResourceName() string {
	if k.Plural == resource.Pluralize(k.Kind) {
		return ""
	}
	return k.Plural
}

// StorageAlias is the name by which the group's registry knows the package of the kind's storage.
func (k kind) StorageAlias() string { return k.KindPackage + "storage" }

// Entry is a line of the map of what a version serves.
type Entry struct {
	Path, Value string
}

// Entries are the resource and its subresources.
func (k kind) Entries() []Entry {
	entries := []Entry{{k.Plural, k.StorageVar() + "." + k.Kind}}
	if k.Status() {
		entries = append(entries, Entry{k.Plural + "/status", k.StorageVar() + ".Status"})
	}
	if k.Scale {
		entries = append(entries, Entry{k.Plural + "/scale", k.StorageVar() + ".Scale"})
	}
	return entries
}

// storage is Entries in the form in which they are added to a file.
func (k kind) storage(alias string) rewrite.Storage {
	s := rewrite.Storage{Var: k.StorageVar(), Constructor: alias + ".NewStorage", Version: k.Version}
	for _, e := range k.Entries() {
		s.Entries = append(s.Entries, rewrite.Entry{Resource: e.Path, Storage: e.Value})
	}
	return s
}

// GroupGoName is the group's name in generated clients, for groups whose first label is no Go name; otherwise empty:
// the generators derive it.
func (k kind) GroupGoName() string {
	label, _, _ := strings.Cut(k.Group, ".")
	if !strings.Contains(label, "-") {
		return ""
	}
	var name strings.Builder
	for part := range strings.SplitSeq(label, "-") {
		if part != "" {
			name.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return name.String()
}

// ModelPackage is the start of the names of the version's OpenAPI models: the package path with its domain reversed.
func (k kind) ModelPackage() string {
	domain, rest, _ := strings.Cut(k.versionPath(), "/")
	labels := strings.Split(domain, ".")
	name := ""
	for _, label := range labels {
		name = label + "." + name
	}
	return strings.NewReplacer("/", ".", "~", "-").Replace(name + rest)
}

// apiserverDir is the package that lists what the control plane serves.
const apiserverDir = "pkg/apiserver"

func (k kind) apiDir() string                 { return path.Join("pkg/apis", k.GroupPackage) }
func (k kind) installDir() string             { return path.Join(k.apiDir(), "install") }
func (k kind) versionDir() string             { return path.Join(k.apiDir(), k.VersionDir) }
func (k kind) registryDir() string            { return path.Join("pkg/registry", k.GroupPackage) }
func (k kind) storageDir() string             { return path.Join(k.registryDir(), k.KindPackage) }
func (k kind) storageFile(name string) string { return path.Join(k.storageDir(), name) }
func (k kind) apiPath() string                { return path.Join(k.Module, k.apiDir()) }
func (k kind) installPath() string            { return path.Join(k.Module, k.installDir()) }
func (k kind) versionPath() string            { return path.Join(k.Module, k.versionDir()) }
func (k kind) registryPath() string           { return path.Join(k.Module, k.registryDir()) }
func (k kind) storagePath() string            { return path.Join(k.Module, k.storageDir()) }

// isTakenName says whether the templates use the name for something else in a file that imports the group's packages.
func isTakenName(name string) bool {
	switch name {
	case "context", "fmt", "testing",
		"apiequality", "fields", "generic", "genericapiserver", "genericregistry", "labels", "metav1", "names", "registry",
		"rest", "runtime", "serializer", "storage", "utilruntime", "validation", "fieldpath", "field",
		"err", "getter", "info", "label", "obj", "object", "old", "oldObject", "options", "paths", "replicas", "scale",
		"scheme", "selector", "spec", "status", "statusStore", "store", "strategy", "unchanged", "version":
		return true
	}
	return token.IsKeyword(name)
}
