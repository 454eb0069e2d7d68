package codegen

// Command is the argument with which Run re-executes the program; the program must then call Child.
const Command = "__codegen"

// Options say what to generate and where. The zero value of every field but Dir is a usable default.
type Options struct {
	// Dir is the project's root, the folder of its go.mod. It need not exist yet when Overlay holds the go.mod.
	Dir string
	// Overlay holds files that differ from the disk or are not on it yet, by absolute path (or path relative to
	// Dir). Folders need not exist. A nil content hides the file.
	Overlay map[string][]byte
	// APIs is the slash path, relative to Dir, of the folder with the API groups. Default "pkg/apis".
	APIs string
	// Registry is the slash path, relative to Dir, of the folder with the storage of each kind
	// (<Registry>/<group folder>/<kind, see resource.RegistryPackage>), where printer columns go. Default "pkg/registry".
	Registry string
	// OutputDir is the slash path, relative to Dir, under which openapi, clientset, listers, informers and
	// applyconfiguration are made. Default "pkg/generated".
	OutputDir string
	// OutputPkg is the import path of OutputDir. Default: the module path followed by OutputDir.
	OutputPkg string
	// Boilerplate is the path, absolute or relative to Dir, of the text that starts each generated file; in it YEAR
	// is replaced. Default "hack/boilerplate.go.txt" if there is such a file, otherwise no text.
	Boilerplate string
	// ApplyConfigSchema is the path, absolute or relative to Dir, of an OpenAPI v2 document (JSON) of the types. With
	// it the apply configurations can extract a manager's fields (kube_codegen.sh --applyconfig-openapi-schema).
	ApplyConfigSchema string
	// PluralExceptions name kinds whose plural is irregular, as "Kind:Plurals" (upstream's --plural-exceptions).
	PluralExceptions []string

	// Program and Args are the command line that ends up in Child. Default: os.Executable() and Command.
	Program string
	Args    []string
	// Env is the environment of the child and of the go command. Default: os.Environ().
	Env []string
	// Cache is a folder, absolute, in which what a slow generator has made is kept for the next run over the same types. It
	// is made when it is needed. Default: nothing is kept.
	Cache string
}

// Result is what the generators made of the project. Nothing of it has been written.
type Result struct {
	// Files holds every generated file, whether or not it differs from what is on disk, by slash path relative to Dir.
	Files map[string][]byte
	// Remove lists generated files on disk or in Overlay that no type asks for any more, sorted, relative to Dir.
	Remove []string
	// Warnings are findings in the user's types which do not hinder generation, such as API rule violations.
	Warnings []Diagnostic
	// Log is what the generators said, each line with the generator's name.
	Log []string
}
