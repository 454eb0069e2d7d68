package codegen

import (
	"errors"
	"io/fs"
	"path"

	"golang.org/x/mod/modfile"
)

// readModule reads the project's go.mod.
func readModule(s *source) (*modfile.File, error) {
	text, err := s.read("go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fail("no go.mod in %s: not a Go module", s.dir)
	}
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		var list modfile.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			return nil, &Error{Diagnostics: []Diagnostic{{
				File: "go.mod", Line: list[0].Pos.Line, Column: list[0].Pos.LineRune, Message: list[0].Err.Error(),
			}}}
		}
		return nil, fail("go.mod cannot be read: %v", err)
	}
	if file.Module == nil {
		return nil, &Error{Diagnostics: []Diagnostic{{File: "go.mod", Message: "no module line"}}}
	}
	return file, nil
}

// withDefaults fills in what the caller left out.
func withDefaults(o Options, s *source, module string) Options {
	fallback := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fallback(&o.APIs, "pkg/apis")
	fallback(&o.Registry, "pkg/registry")
	fallback(&o.OutputDir, "pkg/generated")
	fallback(&o.OutputPkg, path.Join(module, o.OutputDir))
	if o.Boilerplate == "" && s.exist("hack/boilerplate.go.txt") {
		o.Boilerplate = "hack/boilerplate.go.txt"
	}
	o.APIs, o.Registry, o.OutputDir = path.Clean(o.APIs), path.Clean(o.Registry), path.Clean(o.OutputDir)
	return o
}
