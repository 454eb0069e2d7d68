package controllers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/informers"
)

// Part runs controllers of kube-controller-manager. It needs the whole built-in API: kubernetes.All.
type Part struct {
	// Controllers say which, as kube-controller-manager's --controllers does: "*" is all that are on by default, "foo" turns the
	// one of that name on, "-foo" off.
	Controllers []string
}

// All is the part that runs all controllers that are on by default.
func All() *Part { return &Part{Controllers: []string{"*"}} }

// Name implements controlplane.Optional.
func (*Part) Name() string { return "controllers" }

// AddFlags implements controlplane.Optional.
func (p *Part) AddFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&p.Controllers, "controllers", p.Controllers,
		"controllers to run: * is all that are on by default, NAME turns one on, -NAME off")
}

// Apply implements controlplane.Part.
func (p *Part) Apply(c *controlplane.Config) error {
	names, err := canonical(p.Controllers)
	if err != nil {
		return err
	}
	c.ControllerManager = true
	c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
		server, ok := s.(server)
		if !ok {
			return nil, &controlplane.UsageError{Message: "the controllers work on the whole built-in API, which this control plane does not serve; kubecraft add builtin --all adds it"}
		}
		return manager{names: names, server: server, own: server.Essential()}, nil
	})
	return nil
}

// canonical returns the controllers by the names that upstream has for them now.
func canonical(controllers []string) ([]string, error) {
	known, aliases := app.KnownControllers(), app.ControllerAliases()
	names := make([]string, 0, len(controllers))
	for _, given := range controllers {
		name, off := strings.CutPrefix(given, "-")
		if now, ok := aliases[name]; ok {
			name = now
		}
		if given != "*" && !slices.Contains(known, name) {
			return nil, &controlplane.UsageError{Message: fmt.Sprintf("no controller is called %q; there are %s", name, strings.Join(known, ", "))}
		}
		if off {
			name = "-" + name
		}
		names = append(names, name)
	}
	return names, nil
}

// server is an API server that has what the controllers share with it.
type server interface {
	informers.Source
	Essential() essential.Controllers
}
