package kubelet

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubelet/metrics"
)

const (
	// Annotation marks the nodes that are simulated, as it does for kwok. Its value is "fake".
	Annotation = "kwok.x-k8s.io/node"
	simulated  = "fake"
	// maxNodes is how many nodes may be asked for at a start.
	maxNodes = 100_000
)

// Part simulates nodes. It needs the whole built-in API: kubernetes.All.
type Part struct {
	// Nodes are as many as there are to be at least, with names from node-0 on, until kubecraft scale nodes has said how many. They are made at the start; nodes with Annotation, whoever
	// makes them, are simulated too.
	Nodes int
	// StageFiles are YAML files with objects of kwok's: Stages, which take the place of the built-in ones for the kinds of objects that
	// they are about, and ResourceUsages and ClusterResourceUsages.
	StageFiles []string
}

// Simulated is the part that simulates nodes, three at first.
func Simulated() *Part { return &Part{Nodes: 3} }

// Name implements controlplane.Optional.
func (*Part) Name() string { return "kubelet" }

// AddFlags implements controlplane.Optional.
func (p *Part) AddFlags(flags *pflag.FlagSet) {
	flags.IntVar(&p.Nodes, "nodes", p.Nodes, "nodes to simulate at least, named node-0 and so on, until kubecraft scale nodes has said how many; those with the annotation "+Annotation+"="+simulated+" are simulated too")
	flags.StringSliceVar(&p.StageFiles, "stages", p.StageFiles, "file of kwok's objects: Stages, in place of the built-in ones of the same kinds, and what nodes answer with, such as Logs and ResourceUsages; an Exec has kubectl exec run commands on this machine")
}

// Apply implements controlplane.Part.
func (p *Part) Apply(c *controlplane.Config) error {
	if p.Nodes < 0 || p.Nodes > maxNodes {
		return &controlplane.UsageError{Message: fmt.Sprintf("--nodes %d: from 0 to %d can be simulated", p.Nodes, maxNodes)}
	}
	simulated, err := load(p.StageFiles)
	if err != nil {
		return &controlplane.UsageError{Message: err.Error()}
	}
	usage := &measured{usages: simulated.usages}
	scrapes, err := newScrapes(simulated.metrics, usage)
	if err != nil {
		return &controlplane.UsageError{Message: err.Error()}
	}
	if err := (controlplane.Groups{OpenAPI: metrics.GetOpenAPIDefinitions, Groups: []apiserver.Group{metrics.Group(usage)}}).Apply(c); err != nil {
		return err
	}
	kubelets := newListener()
	c.DialNode = kubelets.beside(c.DialNode)
	c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
		server, ok := s.(server)
		if !ok {
			return nil, &controlplane.UsageError{Message: "simulated nodes stand on the whole built-in API, which this control plane does not serve; kubecraft add builtin --all adds it"}
		}
		return component{nodes: p.Nodes, simulated: simulated, usage: usage, metrics: scrapes, server: server, kubelets: kubelets}, nil
	})
	return nil
}
