package codegen

import (
	"path"
	"path/filepath"

	applyargs "k8s.io/code-generator/cmd/applyconfiguration-gen/args"
	applygen "k8s.io/code-generator/cmd/applyconfiguration-gen/generators"
	clientargs "k8s.io/code-generator/cmd/client-gen/args"
	clientgen "k8s.io/code-generator/cmd/client-gen/generators"
	conversionargs "k8s.io/code-generator/cmd/conversion-gen/args"
	conversiongen "k8s.io/code-generator/cmd/conversion-gen/generators"
	deepcopyargs "k8s.io/code-generator/cmd/deepcopy-gen/args"
	deepcopygen "k8s.io/code-generator/cmd/deepcopy-gen/generators"
	defaulterargs "k8s.io/code-generator/cmd/defaulter-gen/args"
	defaultergen "k8s.io/code-generator/cmd/defaulter-gen/generators"
	informerargs "k8s.io/code-generator/cmd/informer-gen/args"
	informergen "k8s.io/code-generator/cmd/informer-gen/generators"
	listerargs "k8s.io/code-generator/cmd/lister-gen/args"
	listergen "k8s.io/code-generator/cmd/lister-gen/generators"
	"k8s.io/code-generator/pkg/util"
	"k8s.io/gengo/v2"
	"k8s.io/gengo/v2/generator"
	"k8s.io/gengo/v2/namer"
	openapiargs "k8s.io/kube-openapi/cmd/openapi-gen/args"
	openapigen "k8s.io/kube-openapi/pkg/generators"
)

// upstream is one of Kubernetes' generators, made ready to run as kube_codegen.sh runs it.
type upstream struct {
	program string   // its name in the header of generated files
	inputs  []string // import paths
	namers  namer.NameSystems
	order   string // the namer that orders types
	targets func(*generator.Context) []generator.Target
	// reads says that the generator leaves its universe as it found it, so that one with the same inputs can reuse it.
	reads bool
}

// Packages that kube_codegen.sh treats as another's: what it passes to openapi-gen and validation-gen.
func readOnlyPackages() []string {
	return []string{
		"k8s.io/apimachinery/pkg/apis/meta/v1",
		"k8s.io/apimachinery/pkg/api/resource",
		"k8s.io/apimachinery/pkg/runtime",
		"k8s.io/apimachinery/pkg/types",
		"k8s.io/apimachinery/pkg/util/intstr",
		"k8s.io/apimachinery/pkg/version",
		"time",
	}
}

// openAPIPackages are in every OpenAPI document.
func openAPIPackages() []string {
	return []string{
		"k8s.io/apimachinery/pkg/apis/meta/v1",
		"k8s.io/apimachinery/pkg/runtime",
		"k8s.io/apimachinery/pkg/version",
		"k8s.io/apimachinery/pkg/api/resource",
	}
}

// layout is where generated packages go.
type layout struct {
	dir, pkg    string // file name and import path of the output folder
	apis        string // import path of the folder with API groups
	boilerplate string // file name, "" for none
	schema      string // file name of an OpenAPI document, "" for none
	plurals     []string
}

// generatorsFor returns the generators that have something to do, in the order of kube_codegen.sh.
func generatorsFor(in *inputs, l layout) []upstream {
	all := []upstream{deepcopyGen(in, l), defaulterGen(in, l), conversionGen(in, l)}
	all = append(all, openapiGens(in, l)...)
	all = append(all, clientGens(in, l)...)
	used := all[:0]
	for _, g := range all {
		if len(g.inputs) > 0 {
			used = append(used, g)
		}
	}
	return used
}

func deepcopyGen(in *inputs, l layout) upstream {
	args := deepcopyargs.New()
	args.OutputFile, args.GoHeaderFile = deepcopyFile, l.boilerplate
	return upstream{
		program: "deepcopy-gen", inputs: in.deepcopy,
		namers: deepcopygen.NameSystems(), order: deepcopygen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return deepcopygen.GetTargets(c, args) },
	}
}

func defaulterGen(in *inputs, l layout) upstream {
	args := defaulterargs.New()
	args.OutputFile, args.GoHeaderFile = defaultsFile, l.boilerplate
	return upstream{
		program: "defaulter-gen", inputs: in.defaulter,
		namers: defaultergen.NameSystems(), order: defaultergen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return defaultergen.GetTargets(c, args) },
	}
}

func conversionGen(in *inputs, l layout) upstream {
	args := conversionargs.New()
	args.OutputFile, args.GoHeaderFile = conversionFile, l.boilerplate
	return upstream{
		program: "conversion-gen", inputs: in.conversion,
		namers: conversiongen.NameSystems(), order: conversiongen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return conversiongen.GetTargets(c, args) },
	}
}

func openapiGens(in *inputs, l layout) []upstream {
	args := openapiargs.New()
	args.OutputFile, args.GoHeaderFile = openapiFile, l.boilerplate
	args.OutputDir, args.OutputPkg = filepath.Join(l.dir, "openapi"), path.Join(l.pkg, "openapi")
	args.OutputModelNameFile, args.ReadOnlyPkgs = modelNameFile, readOnlyPackages()
	type get func(*generator.Context, *openapiargs.Args, []byte) []generator.Target
	variant := func(targets get) upstream {
		return upstream{
			program: "openapi-gen", inputs: append(openAPIPackages(), in.openapi...), reads: true,
			namers: openapigen.NameSystems(), order: openapigen.DefaultNameSystem(),
			targets: func(c *generator.Context) []generator.Target {
				header, err := gengo.GoBoilerplate(args.GoHeaderFile, gengo.StdBuildTag, gengo.StdGeneratedBy)
				if err != nil {
					panic(exit{err.Error()})
				}
				return targets(c, args, header)
			},
		}
	}
	return []upstream{variant(openapigen.GetModelNameTargets), variant(openapigen.GetOpenAPITargets)}
}

func clientGens(in *inputs, l layout) []upstream {
	plurals := util.PluralExceptionListToMapOrDie(l.plurals)
	out := func(parts ...string) (dir, pkg string) {
		return filepath.Join(append([]string{l.dir}, parts...)...), path.Join(append([]string{l.pkg}, parts...)...)
	}

	apply := applyargs.New()
	apply.GoHeaderFile, apply.OpenAPISchemaFilePath = l.boilerplate, l.schema
	apply.OutputDir, apply.OutputPkg = out("applyconfiguration")

	client := clientargs.New()
	client.GoHeaderFile, client.PluralExceptions = l.boilerplate, l.plurals
	client.OutputDir, client.OutputPkg = out("clientset")
	client.ClientsetName, client.ApplyConfigurationPackage = "versioned", apply.OutputPkg
	builder := clientargs.NewGroupVersionsBuilder(&client.Groups)
	clientargs.NewInputBasePathValue(builder, l.apis)
	versions := clientargs.NewGVPackagesValue(builder, nil)
	for _, pkg := range in.client {
		group, version := path.Split(pkg)
		if err := versions.Set(path.Base(group) + "/" + version); err != nil {
			panic(exit{err.Error()})
		}
	}

	lister := listerargs.New()
	lister.GoHeaderFile, lister.PluralExceptions = l.boilerplate, l.plurals
	lister.OutputDir, lister.OutputPkg = out("listers")

	informer := informerargs.New()
	informer.GoHeaderFile, informer.PluralExceptions = l.boilerplate, l.plurals
	informer.OutputDir, informer.OutputPkg = out("informers")
	informer.VersionedClientSetPackage = path.Join(client.OutputPkg, client.ClientsetName)
	informer.ListersPackage = lister.OutputPkg

	gens := []upstream{{
		program: "applyconfiguration-gen", namers: applygen.NameSystems(), order: applygen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return applygen.GetTargets(c, apply) },
	}, {
		program: "client-gen", namers: clientgen.NameSystems(plurals), order: clientgen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return clientgen.GetTargets(c, client) },
	}, {
		program: "lister-gen", namers: listergen.NameSystems(plurals), order: listergen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return listergen.GetTargets(c, lister) },
	}, {
		program: "informer-gen", namers: informergen.NameSystems(plurals), order: informergen.DefaultNameSystem(),
		targets: func(c *generator.Context) []generator.Target { return informergen.GetTargets(c, informer) },
	}}
	for i := range gens {
		gens[i].inputs, gens[i].reads = in.client, true
	}
	return gens
}
