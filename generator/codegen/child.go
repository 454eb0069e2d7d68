package codegen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"

	conversionargs "k8s.io/code-generator/cmd/conversion-gen/args"
	"k8s.io/gengo/v2"
)

// Child reads Run's request from stdin, generates, and writes the response to stdout. It returns the exit code. It must
// have the process to itself: it changes os.Args, os.Stdout, the environment, the working directory and klog's settings.
func Child(stdin io.Reader, stdout io.Writer) int {
	debug.SetGCPercent(150) // short-lived; more would save collecting, and cost as much in new memory
	var r request
	if err := json.NewDecoder(stdin).Decode(&r); err != nil {
		fmt.Fprintln(os.Stderr, "this command is for kubecraft's own use:", err)
		return 2
	}
	os.Stdout = os.Stderr // what generators print must not get between the response
	var answer response
	result, err := generate(context.Background(), r)
	var e *Error
	switch {
	case err == nil:
		answer.Result = result
	case errors.As(err, &e):
		answer.Error = e
	default:
		answer.Failure = err.Error()
	}
	if err := json.NewEncoder(stdout).Encode(answer); err != nil {
		return 1
	}
	return 0
}

// generate does the work of the child.
func generate(ctx context.Context, r request) (*Result, error) {
	src, err := newSource(r.Options.Dir, r.Options.Overlay)
	if err != nil {
		return nil, err
	}
	module, err := readModule(src)
	if err != nil {
		return nil, err
	}
	o := withDefaults(r.Options, src, module.Module.Mod.Path)
	in, err := findInputs(src, module.Module.Mod.Path, o.APIs)
	if err != nil {
		return nil, err
	}
	hidden, err := generatedTypes(src, o.APIs)
	if err != nil {
		return nil, err
	}
	command, err := newGoCommand(src, o.Env, hidden, module, r.Temp)
	if err != nil {
		return nil, err
	}
	if err := command.enter(); err != nil {
		return nil, err
	}
	l, err := load(ctx, command, in)
	if err != nil {
		return nil, err
	}
	return generateFrom(ctx, &o, in, l, command, r.Temp)
}

// load lists and checks the packages that generators look at.
func load(ctx context.Context, command *goCommand, in *inputs) (*loader, error) {
	wanted := openAPIPackages()
	wanted = slices.Concat(wanted, in.deepcopy, in.validation, in.implied, in.defaulter, in.conversion, in.openapi, in.client)
	if len(in.conversion) > 0 {
		wanted = append(wanted, conversionargs.DefaultBasePeerDirs...)
	}
	for pkg := range in.named {
		wanted = append(wanted, pkg)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	found, err := command.list(ctx, wanted)
	if err != nil {
		return nil, err
	}
	l := newLoader(command.src, found, wanted)
	l.load(wanted)
	problems := append(l.syntax, command.listProblems(l, in)...)
	if len(problems) == 0 { // otherwise most of these are consequences
		problems = l.typing
	}
	if len(problems) > 0 {
		return nil, &Error{Diagnostics: tidy(problems)}
	}
	return l, nil
}

// generateFrom runs the generators over what was loaded.
func generateFrom(ctx context.Context, o *Options, in *inputs, l *loader, command *goCommand, temp string) (*Result, error) {
	src := command.src
	where := layout{
		dir: src.abs(o.OutputDir), pkg: o.OutputPkg,
		apis: path.Join(command.module.Module.Mod.Path, o.APIs), plurals: o.PluralExceptions,
	}
	var err error
	if where.boilerplate, err = copyOut(src, o.Boilerplate, filepath.Join(temp, "boilerplate.go.txt")); err != nil {
		return nil, err
	}
	if where.schema, err = copyOut(src, o.ApplyConfigSchema, filepath.Join(temp, "schema.json")); err != nil {
		return nil, err
	}
	log := captureLog()
	e := newExecution(src, l.universe())
	places := newPlaces(l)
	var warnings []Diagnostic
	var spoken []string
	for _, g := range generatorsFor(in, where) {
		err := e.run(g)
		said := log.take()
		if err != nil {
			return nil, places.explain(err, said)
		}
		complaints := places.warnings(g, said)
		if problems, missing := places.conversions(g, said, in); len(problems) > 0 {
			return nil, &Error{Diagnostics: tidy(append(problems, complaints...)), Conversions: missing}
		}
		warnings = append(warnings, complaints...)
		for _, line := range said {
			spoken = append(spoken, g.program+": "+line.text)
		}
	}
	warnings = append(warnings, places.violations(e.violations.String())...)

	if err := addPrintColumns(e.out, src, o, l, where.boilerplate); err != nil {
		return nil, err
	}
	validations, unvalidated, err := command.validations(ctx, in, l, where.boilerplate, o.Cache, temp)
	if err != nil {
		return nil, err
	}
	warnings = append(warnings, unvalidated...)
	files, err := e.out.finish()
	if err != nil {
		return nil, err
	}
	for rel, content := range validations {
		files[rel] = content
	}
	if problems := places.generated(files); len(problems) > 0 {
		return nil, &Error{Diagnostics: tidy(problems)}
	}
	remove, err := stale(src, o, files)
	if err != nil {
		return nil, err
	}
	return &Result{Files: files, Remove: remove, Warnings: tidy(warnings), Log: spoken}, nil
}

// copyOut writes a file of the project (or elsewhere) to a place where upstream, which knows no overlay, can read it.
func copyOut(src *source, name, to string) (string, error) {
	if name == "" {
		return "", nil
	}
	content, err := src.readAny(name)
	if err != nil {
		return "", &Error{Diagnostics: []Diagnostic{{Message: fmt.Sprintf("cannot read %s: %v", name, err)}}}
	}
	return to, os.WriteFile(to, content, 0o600)
}

// enter makes the process see the project as the go command does: a generator that loads a package nobody foresaw then
// gets the right one.
func (g *goCommand) enter() error {
	if err := os.Chdir(g.dir); err != nil {
		return err
	}
	for _, name := range []string{"GOWORK", "PWD"} {
		if err := os.Setenv(name, lookup(g.env, name)); err != nil {
			return err
		}
	}
	flags := lookup(g.env, "GOFLAGS") + " -mod=readonly -tags=" + gengo.StdBuildTag + " '-overlay=" + g.file + "'"
	return os.Setenv("GOFLAGS", flags)
}
