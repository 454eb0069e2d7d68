package codegen

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/gengo/v2/generator"
	"k8s.io/gengo/v2/namer"
	"k8s.io/gengo/v2/types"
)

// execution runs generators over one load of the packages, one after the other: they change builtin types that all
// universes share.
type execution struct {
	src        *source
	universe   *universe
	out        *output
	violations bytes.Buffer
	shared     map[string]*generator.Context
	current    *types.Type // what a generator is at work on, to say where it failed
}

func newExecution(src *source, u *universe) *execution {
	return &execution{src: src, universe: u, out: newOutput(), shared: map[string]*generator.Context{}}
}

// failure is a generator's refusal.
type failure struct {
	program string
	message string
	current *types.Type // nil if unknown
}

func (f *failure) Error() string { return f.program + ": " + f.message }

// run executes a generator. Its errors, exits and panics are a *failure.
func (e *execution) run(g upstream) (err error) {
	e.current = nil
	defer func() {
		switch r := recover().(type) {
		case nil:
			if err != nil {
				err = &failure{g.program, err.Error(), e.current}
			}
		case exit:
			err = &failure{g.program, r.message, e.current}
		default:
			err = &failure{g.program, fmt.Sprint(r), e.current}
		}
	}()
	c, err := e.context(g)
	if err != nil {
		return err
	}
	program := os.Args[0]
	os.Args[0] = g.program // upstream writes it into the header
	targets := g.targets(c)
	os.Args[0] = program
	if _, ok := c.FileTypes["api-violation"]; ok {
		c.FileTypes["api-violation"] = report{&e.violations}
	}
	for _, t := range targets {
		dir := relativeTo(t.Dir(), e.src.dir)
		if dir == "" {
			return fmt.Errorf("%s would write to %s, outside of the project", g.program, t.Dir())
		}
		c.FileTypes[generator.GoFileType] = goFile{generator.NewGoFile(), e.out, dir}
		if err := c.ExecuteTarget(inMemory{t, e}); err != nil {
			return err
		}
	}
	return nil
}

// context makes the generator's view of the types.
func (e *execution) context(g upstream) (*generator.Context, error) {
	key := strings.Join(g.inputs, "\n")
	if base := e.shared[key]; g.reads && base != nil {
		c := *base
		c.Namers, c.FileTypes = namer.NameSystems{}, map[string]generator.FileType{}
		for name, system := range g.namers {
			c.Namers[name] = system
		}
		c.Order = (&namer.Orderer{Namer: g.namers[g.order]}).OrderUniverse(c.Universe)
		return &c, nil
	}
	parser, err := e.universe.newParser()
	if err != nil {
		return nil, err
	}
	if err := parser.LoadPackages(g.inputs...); err != nil {
		return nil, err
	}
	c, err := generator.NewContext(parser, g.namers, g.order)
	if err == nil && g.reads {
		e.shared[key] = c
	}
	return c, err
}

// inMemory is a target whose folder gengo need not make, and which notes the type that is generated.
type inMemory struct {
	generator.Target
	e *execution
}

func (inMemory) Dir() string { return "." }

func (t inMemory) Generators(c *generator.Context) []generator.Generator {
	gens := t.Target.Generators(c)
	for i, g := range gens {
		gens[i] = noting{g, t.e}
	}
	return gens
}

type noting struct {
	generator.Generator
	e *execution
}

func (n noting) GenerateType(c *generator.Context, t *types.Type, w io.Writer) error {
	n.e.current = t
	err := n.Generator.GenerateType(c, t, w)
	if err == nil {
		n.e.current = nil
	}
	return err
}
