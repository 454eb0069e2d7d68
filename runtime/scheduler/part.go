package scheduler

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/pflag"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	"k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"sigs.k8s.io/yaml"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/informers"
	"github.com/kubecraft/kubecraft/runtime/scheduler/decision"
	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

// Part runs kube-scheduler, and serves what it decides as schedulingdecisions of scheduling.kubecraft.io. It needs the
// whole built-in API: kubernetes.All. A control plane may have several: one with the default profile, and others beside it or in
// its place.
type Part struct {
	// PartName tells this scheduler from others: --without leaves it out by the name, and --NAME-config configures it. Default:
	// "scheduler".
	PartName string
	// Config is a KubeSchedulerConfiguration in YAML or JSON, which holds while there are no ConfigFiles. Default: upstream's, with one
	// profile, default-scheduler.
	Config []byte
	// ConfigFiles are KubeSchedulerConfiguration files. Each makes a scheduler with the profiles in it.
	ConfigFiles []string
	// Plugins are those of one's own, by the names that configurations call them.
	Plugins map[string]PluginFactory
}

// PluginFactory makes a plugin from its arguments in a configuration, which DecodeArgs reads.
type PluginFactory = runtime.PluginFactory

// DecodeArgs reads a plugin's arguments into a struct with JSON tags. What a configuration does not set stays as it is, and what the struct
// does not have is an error.
func DecodeArgs(args apiruntime.Object, into any) error {
	if args == nil {
		return nil
	}
	unknown, ok := args.(*apiruntime.Unknown)
	if !ok {
		return fmt.Errorf("arguments are a %T, not those of a plugin of one's own", args)
	}
	if len(unknown.Raw) == 0 {
		return nil
	}
	return yaml.UnmarshalStrict(unknown.Raw, into)
}

// Default is the part that runs kube-scheduler as upstream configures it.
func Default() *Part { return &Part{} }

// defaultName is the name of a Part that has none.
const defaultName = "scheduler"

// Name implements controlplane.Optional.
func (p *Part) Name() string { return cmp.Or(p.PartName, defaultName) }

// AddFlags implements controlplane.Optional.
func (p *Part) AddFlags(flags *pflag.FlagSet) {
	of := ""
	if p.Name() != defaultName {
		of = " of " + p.Name() + ", in place of its own"
	}
	flags.StringSliceVar(&p.ConfigFiles, p.Name()+"-config", p.ConfigFiles, "KubeSchedulerConfiguration file"+of+"; several run as many schedulers")
}

// common is what the schedulers of a control plane share.
type common struct {
	log *decision.Log
	// profiles are those of all, by name, with the configurations that they are in.
	profiles map[string]string
}

// Apply implements controlplane.Part.
func (p *Part) Apply(c *controlplane.Config) error {
	registry, own := plugins.NewInTreeRegistry(), runtime.Registry{}
	for name, factory := range p.Plugins {
		own[name] = guard(factory)
		if err := registry.Register(name, factory); err != nil {
			return fmt.Errorf("scheduler plugin %s: %w", name, err)
		}
	}
	configs, err := p.load()
	if err != nil {
		return err
	}
	shared, first := controlplane.Shared[common](c)
	if first {
		shared.log, shared.profiles = decision.NewLog(), map[string]string{}
		served := controlplane.Groups{OpenAPI: decisionv1.GetOpenAPIDefinitions, Groups: []apiserver.Group{decision.Group(shared.log)}}
		if err := served.Apply(c); err != nil {
			return err
		}
	}
	for _, loaded := range configs {
		if err := loaded.check(registry, shared.profiles); err != nil {
			return &controlplane.UsageError{Message: err.Error()}
		}
		c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
			source, ok := s.(informers.Source)
			if !ok {
				return nil, &controlplane.UsageError{Message: "the scheduler works on the whole built-in API, which this control plane does not serve; kubecraft add builtin --all adds it"}
			}
			return component{loaded: loaded, plugins: own, server: source, log: shared.log, running: new(atomic.Pointer[scheduler.Scheduler])}, nil
		})
	}
	return nil
}

// loaded is a configuration and where it is from: a file, or a part's name.
type loaded struct {
	*config.KubeSchedulerConfiguration
	from    string
	content []byte
}

// load reads the configurations.
func (p *Part) load() ([]loaded, error) {
	if len(p.ConfigFiles) > 0 {
		var configs []loaded
		for _, file := range p.ConfigFiles {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, &controlplane.UsageError{Message: fmt.Sprintf("scheduler configuration: %v", err)}
			}
			read, err := decode(data)
			if err != nil {
				return nil, &controlplane.UsageError{Message: fmt.Sprintf("scheduler configuration %v", placed(file, data, err))}
			}
			configs = append(configs, loaded{read, file, data})
		}
		return configs, nil
	}
	var read *config.KubeSchedulerConfiguration
	var err error
	if len(p.Config) > 0 {
		read, err = decode(p.Config)
	} else {
		read, err = latest.Default()
	}
	if err != nil {
		return nil, fmt.Errorf("scheduler configuration %w", placed("of "+p.Name(), p.Config, err))
	}
	return []loaded{{read, "of " + p.Name(), p.Config}}, nil
}

// decode reads a configuration of any version and fills in defaults, as k8s.io/kubernetes/cmd/kube-scheduler/app/options/configfile.go does.
func decode(data []byte) (*config.KubeSchedulerConfiguration, error) {
	object, kind, err := scheme.Codecs.UniversalDecoder().Decode(data, nil, nil)
	if err != nil {
		return nil, err
	}
	read, ok := object.(*config.KubeSchedulerConfiguration)
	if !ok {
		return nil, fmt.Errorf("is a %s of %s, not a KubeSchedulerConfiguration", kind.Kind, kind.GroupVersion())
	}
	read.APIVersion = kind.GroupVersion().String() // lost in the conversion
	return read, nil
}

// check says what is wrong with a configuration before anything starts. It adds to profiles those that are in it.
func (l loaded) check(registry runtime.Registry, profiles map[string]string) error {
	if err := validation.ValidateKubeSchedulerConfiguration(l.KubeSchedulerConfiguration); err != nil {
		return fmt.Errorf("scheduler configuration %w", placed(l.from, l.content, err))
	}
	for i, profile := range l.Profiles {
		from := l.from
		if len(l.content) > 0 {
			from = fmt.Sprintf("%s:%d", l.from, lineOf(l.from, l.content, fmt.Sprintf("profiles[%d].schedulerName", i)))
		}
		if other, taken := profiles[profile.SchedulerName]; taken {
			return fmt.Errorf("scheduler configuration %s: profile %q is in %s too; two schedulers would bind the same pods", from, profile.SchedulerName, other)
		}
		profiles[profile.SchedulerName] = from
		if profile.Plugins == nil {
			continue
		}
		for _, name := range enabled(profile.Plugins) {
			if _, ok := registry[name]; !ok {
				from := l.from
				if line := lineNaming(l.content, name); line > 0 {
					from = fmt.Sprintf("%s:%d", from, line)
				}
				return fmt.Errorf("scheduler configuration %s: profile %q enables the plugin %q, which there is not; there are %s",
					from, profile.SchedulerName, name, strings.Join(sets.List(sets.KeySet(registry)), ", "))
			}
		}
	}
	return nil
}

// enabled are the names of the plugins that a profile turns on.
func enabled(p *config.Plugins) []string {
	names := sets.New[string]()
	for _, set := range []config.PluginSet{p.PreEnqueue, p.QueueSort, p.PreFilter, p.Filter, p.PostFilter, p.PreScore, p.Score,
		p.Reserve, p.Permit, p.PreBind, p.Bind, p.PostBind, p.PlacementGenerate, p.PlacementScore, p.PodGroupPostFilter, p.MultiPoint} {
		for _, plugin := range set.Enabled {
			names.Insert(plugin.Name)
		}
	}
	return sets.List(names)
}
