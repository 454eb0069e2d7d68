package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/mod/module"
)

// Bundled is where an unreleased kubecraft's sources go.
const Bundled = "third_party/kubecraft"

// Init returns the files of a new project that serves no types yet: it builds and runs as it is.
func Init(o InitOptions) (map[string][]byte, error) {
	if err := module.CheckImportPath(o.Module); err != nil {
		return nil, fmt.Errorf("module path %q: %w: choose one such as example.com/demo", o.Module, errors.Unwrap(err))
	}
	if err := o.Kubecraft.validate(); err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = commandName(o.Module)
	}
	files, err := renderAll(map[string]string{
		"main.go":                  "project/main.go.tmpl",
		"README.md":                "project/README.md.tmpl",
		".gitignore":               "project/gitignore.tmpl",
		"pkg/apiserver/install.go": "project/apiserver.go.tmpl",
		"hack/boilerplate.go.txt":  "project/boilerplate.go.txt.tmpl",
		"hack/update-codegen.sh":   "project/hack/update-codegen.sh.tmpl",
		"hack/verify-codegen.sh":   "project/hack/verify-codegen.sh.tmpl",
		"hack/codegen-update.sh":   "project/hack/codegen-update.sh.tmpl",
		"hack/add_types.sh":        "project/hack/add_types.sh.tmpl",
	}, o)
	if err != nil {
		return nil, err
	}
	if files["go.mod"], files["go.sum"], err = newModule(o); err != nil {
		return nil, err
	}
	if o.Kubecraft.Sources != nil {
		sources, err := SourceFiles(o.Kubecraft.Sources)
		if err != nil {
			return nil, err
		}
		for name, content := range sources {
			files[path.Join(Bundled, name)] = content
		}
	}
	return files, nil
}

// commandName is what `go build` would call the module's command.
func commandName(modulePath string) string {
	if prefix, _, ok := module.SplitPathVersion(modulePath); ok {
		modulePath = prefix
	}
	return path.Base(modulePath)
}

// SourceFiles returns sources of kubecraft's own by their slash paths, without what only its tests need.
func SourceFiles(sources fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(sources, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "testdata":
			return fs.SkipDir
		case entry.IsDir() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		content, err := fs.ReadFile(sources, name)
		files[name] = content
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("kubecraft's bundled sources: %w", err)
	}
	return files, nil
}
