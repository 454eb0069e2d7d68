package scheduler

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/validation"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	"k8s.io/kubernetes/pkg/scheduler/framework/runtime"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/informers"
	"github.com/kubecraft/kubecraft/runtime/scheduler/decision"
	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

// Part runs kube-scheduler, and serves what it decides as schedulingdecisions of scheduling.kubecraft.io. It needs the
// whole built-in API: kubernetes.All.
type Part struct {
	// ConfigFiles are KubeSchedulerConfiguration files. Each makes a scheduler with the profiles in it; without any there is one with
	// upstream's default profile, default-scheduler.
	ConfigFiles []string
	// Plugins are those of one's own, by the names that configuration files call them.
	Plugins map[string]runtime.PluginFactory
}

// Default is the part that runs kube-scheduler as upstream configures it.
func Default() *Part { return &Part{} }

// Name implements controlplane.Optional.
func (*Part) Name() string { return "scheduler" }

// AddFlags implements controlplane.Optional.
func (p *Part) AddFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&p.ConfigFiles, "scheduler-config", p.ConfigFiles,
		"KubeSchedulerConfiguration file; several run as many schedulers")
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
	log := decision.NewLog()
	served := controlplane.Groups{OpenAPI: decisionv1.GetOpenAPIDefinitions, Groups: []apiserver.Group{decision.Group(log)}}
	if err := served.Apply(c); err != nil {
		return err
	}
	profiles := map[string]string{} // the file that each is in
	for _, loaded := range configs {
		if err := loaded.check(registry, profiles); err != nil {
			return &controlplane.UsageError{Message: err.Error()}
		}
		c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
			source, ok := s.(informers.Source)
			if !ok {
				return nil, &controlplane.UsageError{Message: "the scheduler works on the whole built-in API, which this control plane does not serve; kubecraft add builtin --all adds it"}
			}
			return component{config: loaded.KubeSchedulerConfiguration, plugins: own, server: source, log: log}, nil
		})
	}
	return nil
}

// loaded is a configuration and the file that it is from.
type loaded struct {
	*config.KubeSchedulerConfiguration
	file string
}

// load reads the configurations.
func (p *Part) load() ([]loaded, error) {
	if len(p.ConfigFiles) == 0 {
		standard, err := latest.Default()
		if err != nil {
			return nil, fmt.Errorf("kube-scheduler's defaults: %w", err)
		}
		return []loaded{{standard, ""}}, nil
	}
	var configs []loaded
	for _, file := range p.ConfigFiles {
		read, err := options.LoadConfigFromFile(klog.Background(), file)
		if unreadable, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, &controlplane.UsageError{Message: fmt.Sprintf("scheduler configuration: %v", unreadable)}
		}
		if err != nil {
			return nil, &controlplane.UsageError{Message: fmt.Sprintf("scheduler configuration %s: %s", file, strings.TrimSuffix(err.Error(), ": "))}
		}
		configs = append(configs, loaded{read, file})
	}
	return configs, nil
}

// check says what is wrong with a configuration before anything starts. It adds to profiles those that are in it.
func (l loaded) check(registry runtime.Registry, profiles map[string]string) error {
	if err := validation.ValidateKubeSchedulerConfiguration(l.KubeSchedulerConfiguration); err != nil {
		return fmt.Errorf("scheduler configuration %s: %w", l.file, err)
	}
	for _, profile := range l.Profiles {
		if file, taken := profiles[profile.SchedulerName]; taken {
			return fmt.Errorf("scheduler configuration %s: profile %q is in %s too; two schedulers would bind the same pods", l.file, profile.SchedulerName, file)
		}
		profiles[profile.SchedulerName] = l.file
		if profile.Plugins == nil {
			continue
		}
		for _, name := range enabled(profile.Plugins) {
			if _, ok := registry[name]; !ok {
				return fmt.Errorf("scheduler configuration %s: profile %q enables the plugin %q, which there is not; there are %s",
					l.file, profile.SchedulerName, name, strings.Join(sets.List(sets.KeySet(registry)), ", "))
			}
		}
	}
	return nil
}

// enabled are the names of the plugins that a profile turns on.
func enabled(p *config.Plugins) []string {
	names := sets.New[string]()
	for _, set := range []config.PluginSet{p.PreEnqueue, p.QueueSort, p.PreFilter, p.Filter, p.PostFilter, p.PreScore, p.Score,
		p.Reserve, p.Permit, p.PreBind, p.Bind, p.PostBind, p.MultiPoint} {
		for _, plugin := range set.Enabled {
			names.Insert(plugin.Name)
		}
	}
	return sets.List(names)
}
