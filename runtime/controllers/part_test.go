package controllers

import (
	"maps"
	"slices"
	"testing"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	"k8s.io/kubernetes/cmd/kube-controller-manager/names"
)

// here are the controllers that this part runs with flags.
func here(t *testing.T, args ...string) []string {
	t.Helper()
	p := All()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	canonical, err := canonical(p.Controllers)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := manager{names: canonical}.settings()
	if err != nil {
		t.Fatal(err)
	}
	return enabled(app.ControllerContext{ComponentConfig: settings})
}

// upstream are those that kube-controller-manager runs with flags.
func upstream(t *testing.T, args ...string) []string {
	t.Helper()
	o, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		t.Fatal(err)
	}
	known, off, aliases := app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases()
	var flags cliflag.NamedFlagSets
	o.Generic.AddFlags(&flags, known, off, aliases)
	if err := flags.FlagSet("generic").Parse(args); err != nil {
		t.Fatal(err)
	}
	if errs := o.Generic.Validate(known, off, aliases); len(errs) > 0 {
		t.Fatal(errs)
	}
	c := app.ControllerContext{}
	if err := o.Generic.ApplyTo(&c.ComponentConfig.Generic, known, off, aliases); err != nil {
		t.Fatal(err)
	}
	return enabled(c)
}

func enabled(c app.ControllerContext) []string {
	var all []string
	for name, descriptor := range app.NewControllerDescriptors() {
		if c.IsControllerEnabled(descriptor) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func TestTheControllersAreThoseOfUpstream(t *testing.T) {
	for name, args := range map[string][]string{
		"by default":        nil,
		"on by its name":    {"--controllers=*," + names.BootstrapSignerController},
		"on by an alias":    {"--controllers=*,tokencleaner"},
		"off by its name":   {"--controllers=*,-" + names.DeploymentController},
		"off by an alias":   {"--controllers=*,-deployment"},
		"alone":             {"--controllers=cronjob"},
		"in several values": {"--controllers=*", "--controllers=-job"},
	} {
		if got, want := here(t, args...), upstream(t, args...); !slices.Equal(got, want) {
			t.Errorf("%s, %q, there are\n\t%q\nupstream\n\t%q", name, args, got, want)
		}
	}
	for alias, name := range app.ControllerAliases() {
		if got := here(t, "--controllers="+alias); !slices.Equal(got, []string{name}) {
			t.Errorf("--controllers=%s runs %q, not %s", alias, got, name)
		}
	}
}

// What is off by default upstream is off here, and the rest is on.
func TestTheControllersThatAreOnByDefault(t *testing.T) {
	off := app.ControllersDisabledByDefault()
	if len(off) == 0 {
		t.Fatal("upstream has none that is off by default: the other test does not test that one can be turned on")
	}
	want := slices.DeleteFunc(slices.Sorted(maps.Keys(app.NewControllerDescriptors())), func(name string) bool { return slices.Contains(off, name) })
	if got := here(t); !slices.Equal(got, want) {
		t.Errorf("there are\n\t%q\nnot\n\t%q", got, want)
	}
	for _, name := range off {
		if got := here(t, "--controllers=*,"+name); !slices.Contains(got, name) {
			t.Errorf("--controllers=*,%s runs %q", name, got)
		}
	}
}
