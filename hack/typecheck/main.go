// Command typecheck checks the types of a package, and of all that it imports, for platforms that this machine is not, in a
// tenth of the time that compiling takes:
//
//	go run ./hack/typecheck -tags whole ./cmd/kubecraft windows/amd64 darwin/arm64
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	tags := flag.String("tags", "", "build tags")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: typecheck [-tags TAGS] PACKAGE GOOS/GOARCH...")
		os.Exit(2)
	}
	failed := false
	for _, platform := range flag.Args()[1:] {
		count, err := check(*tags, flag.Arg(0), platform)
		if err != nil {
			failed = true
			fmt.Fprintf(os.Stderr, "typecheck: %s: %v\n", platform, err)
			continue
		}
		fmt.Printf("%s: %d packages\n", platform, count)
	}
	if failed {
		os.Exit(1)
	}
}

// unit is a package as go list tells of it, and what has become of it.
type unit struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
	ImportMap  map[string]string
	Module     *struct{ GoVersion string }
	Error      *struct{ Err string }

	done  chan struct{}
	types *types.Package
	err   error
}

// check returns how many packages there are.
func check(tags, pattern, platform string) (int, error) {
	system, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return 0, errors.New("not GOOS/GOARCH")
	}
	units, err := list(tags, pattern, system, arch)
	if err != nil {
		return 0, err
	}
	all := map[string]*unit{}
	for _, u := range units {
		u.done = make(chan struct{})
		all[u.ImportPath] = u
	}
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, u := range units {
		go func() {
			defer close(u.done)
			for _, name := range u.Imports {
				if of := all[name]; of != nil {
					<-of.done
				}
			}
			limit <- struct{}{}
			u.check(all, arch)
			<-limit
		}()
	}
	var failures []error
	for _, u := range units {
		<-u.done
		failures = append(failures, u.err)
	}
	return len(units), errors.Join(failures...)
}

// list returns the packages, in no order.
func list(tags, pattern, system, arch string) ([]*unit, error) {
	command := exec.Command("go", "list", "-deps", "-tags", tags, "-json=Dir,ImportPath,GoFiles,Imports,ImportMap,Module,Error", pattern)
	command.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var units []*unit
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		u := &unit{}
		switch err := decoder.Decode(u); {
		case errors.Is(err, io.EOF):
			return units, nil
		case err != nil:
			return nil, err
		case u.Error != nil:
			return nil, errors.New(u.Error.Err)
		}
		units = append(units, u)
	}
}

// check checks a package whose imports have been.
func (u *unit) check(all map[string]*unit, arch string) {
	if u.ImportPath == "unsafe" {
		u.types = types.Unsafe
		return
	}
	for _, name := range u.Imports {
		if of := all[name]; of != nil && (of.err != nil || of.types == nil) {
			return // that one says what is wrong
		}
	}
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range u.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(u.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			u.err = err
			return
		}
		parsed = append(parsed, file)
	}
	version := ""
	if u.Module != nil && u.Module.GoVersion != "" {
		version = "go" + u.Module.GoVersion
	}
	config := types.Config{
		GoVersion: version,
		Sizes:     types.SizesFor("gc", arch),
		Importer: importer(func(name string) (*types.Package, error) {
			if mapped, ok := u.ImportMap[name]; ok {
				name = mapped
			}
			of := all[name]
			if of == nil || of.types == nil {
				return nil, fmt.Errorf("%s has not been checked", name)
			}
			return of.types, nil
		}),
		Error: func(err error) { u.err = errors.Join(u.err, err) },
	}
	u.types, _ = config.Check(u.ImportPath, files, parsed, nil)
}

// importer implements types.Importer.
type importer func(name string) (*types.Package, error)

func (i importer) Import(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	return i(name)
}
