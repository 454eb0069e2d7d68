package scaffold

import (
	"errors"
	"io"
	"io/fs"

	"golang.org/x/mod/sumdb/dirhash"
)

// KubecraftModule is the module that every project requires.
const KubecraftModule = "github.com/kubecraft/kubecraft"

// InitOptions describes a new project.
type InitOptions struct {
	// Module is the project's module path, as in `module` of its go.mod.
	Module string
	// Name is what the project's command calls itself. Default: the last element of Module that is not a major version.
	Name string
	// Kubecraft says where the project's build finds the runtime.
	Kubecraft Dependency
}

// Dependency is one of three ways to depend on kubecraft's runtime. Exactly one of Version, Replace and Sources is set.
type Dependency struct {
	// Version is a released version, such as v0.3.0: it is required, and nothing is replaced. Sum and ModSum are its
	// lines in go.sum, the part from "h1:" on (see ModSum); without both, a build asks for `go mod tidy` first.
	Version, Sum, ModSum string
	// Replace is the path from the project's root to a checkout, such as ../.. for examples within kubecraft itself.
	Replace string
	// Sources holds runtime/, go.mod, go.sum and LICENSE. They are written to third_party/kubecraft, without tests, so
	// that a project made by an unreleased build can be cloned and built anywhere.
	Sources fs.FS
}

func (d Dependency) validate() error {
	set := 0
	for _, is := range []bool{d.Version != "", d.Replace != "", d.Sources != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return errors.New("a project depends on kubecraft in exactly one way: a version, a replacement path, or bundled sources")
	}
	return nil
}

// Result is what a verb changes in a project.
type Result struct {
	// Files holds the new contents of the files that change, by slash-separated path from the project's root. It is
	// empty when everything asked for is already there.
	Files map[string][]byte
	// Remove are the files that go, by the same paths.
	Remove []string
	// Before holds what was read of the project's files; what a file holds when it is written must be that still.
	Before map[string][]byte
	// Changed are the names of what was added or removed, of verbs that take several.
	Changed []string
	// Stale says that the project's types change, so that what is generated from them does too.
	Stale bool
	// Notes are lines for the user: what was decided for them and what they may want to change.
	Notes []string
	// ByHand are lines on what the user has to write; without it the generated code may not compile.
	ByHand []string
}

// ModSum returns Dependency.ModSum for a release whose go.mod is that of sources.
func ModSum(sources fs.FS) (string, error) {
	return dirhash.Hash1([]string{"go.mod"}, func(name string) (io.ReadCloser, error) {
		return sources.Open(name)
	})
}
