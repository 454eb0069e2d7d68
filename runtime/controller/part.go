package controller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/spf13/pflag"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

const (
	defaultWorkers = 2
	defaultTimeout = time.Minute
)

// Part runs a controller.
type Part struct {
	// PartName is the controller's: --without leaves it out by that, and its lease, its metrics and its events have it.
	PartName string
	// New makes the controller, each time that this instance becomes the leader. An error ends the control plane. A call that takes longer
	// than 10 seconds is told of in the log: it keeps the lease from other instances.
	New func(context.Context, Setup) (*Controller, error)
	// Needs are the resources of the built-in API that it works on, which are served if nobody else does. Leases, for the election, and
	// events must be among them, or be served by other parts.
	Needs controlplane.Needs
	// Workers are how many objects are reconciled together, 2 by default; never one of them twice at a time.
	Workers int
	// Timeout is when the context of a call of Reconcile ends, a minute by default. A call that does not end with its context is told
	// of in the log, and keeps its worker.
	Timeout time.Duration
	// Identity tells this instance from others, in the lease and in events. Default: the host's name and something random.
	Identity string
	// Election says how fast another instance takes over. Default: as kube-controller-manager does.
	Election Election
}

// Election is about the lease. The zero value means what k8s.io/component-base/config/v1alpha1 has for upstream's components.
type Election struct {
	// LeaseDuration is how long the others wait after a leader that was killed has renewed its lease last; one that stops gives it
	// back. 15 seconds by default.
	LeaseDuration time.Duration
	// RenewDeadline is how long a leader that cannot renew it goes on, 10 seconds by default.
	RenewDeadline time.Duration
	// RetryPeriod is how often it is renewed, and looked at by the others, every 2 seconds by default.
	RetryPeriod time.Duration
}

// Controller is what New makes of clients, informers and a queue.
type Controller struct {
	// Informers are started, and nothing is reconciled until their caches are filled.
	Informers []Informers
	// Reconcile makes true what the object of a key asks for. After an error it is called again, later each time; a panic is logged and
	// counts as an error.
	Reconcile func(ctx context.Context, key cache.ObjectName) error
}

// Informers are a factory of shared informers: a generated one, or k8s.io/client-go/informers.
type Informers interface {
	StartWithContext(context.Context)
	WaitForCacheSyncWithContext(context.Context) cache.SyncResult
	Shutdown()
}

var (
	_ controlplane.Optional  = &Part{}
	_ controlplane.Component = &Part{}
)

// Name implements controlplane.Optional and controlplane.Component.
func (p *Part) Name() string { return p.PartName }

// AddFlags implements controlplane.Optional. There are none.
func (*Part) AddFlags(*pflag.FlagSet) {}

// Apply implements controlplane.Part.
func (p *Part) Apply(c *controlplane.Config) error {
	if err := p.check(); err != nil {
		return err
	}
	c.Components = append(c.Components, p)
	return p.Needs.Apply(c)
}

func (p *Part) check() error {
	switch {
	case p.PartName == "":
		return errors.New("a controller needs a PartName")
	case p.New == nil:
		return fmt.Errorf("controller %s: needs New, which makes it", p.PartName)
	case p.Workers < 0:
		return fmt.Errorf("controller %s: Workers is %d", p.PartName, p.Workers)
	}
	return nil
}

// Run implements controlplane.Component: it leads, or waits to, until ctx ends. An instance that loses its lease stops working, and
// waits again.
func (p *Part) Run(ctx context.Context, config *rest.Config) error {
	if err := p.check(); err != nil {
		return err
	}
	config = rest.CopyConfig(config)
	config.UserAgent = p.PartName
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := p.checkServed(client.Discovery()); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	i := &instance{
		Part:     p,
		config:   config,
		client:   client,
		identity: cmp.Or(p.Identity, host+"_"+string(uuid.NewUUID())),
		metrics:  theMetrics(),
	}
	for ctx.Err() == nil {
		if err := i.term(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkServed says what a controller cannot be without. Otherwise it would wait for a lease for ever.
func (p *Part) checkServed(served discovery.DiscoveryInterface) error {
	for _, of := range []struct {
		schema.GroupVersion
		name string
	}{{coordinationv1.SchemeGroupVersion, "leases"}, {corev1.SchemeGroupVersion, "events"}} {
		list, err := served.ServerResourcesForGroupVersion(of.String())
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("discovery of %s: %w", of.name, err)
		}
		if err == nil && slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == of.name }) {
			continue
		}
		return fmt.Errorf("needs %s, which the server does not have: name them in Needs, or kubecraft add builtin %s", of.name, of.name)
	}
	return nil
}

// check says what is wrong with what New has made.
func (c *Controller) check() error {
	switch {
	case c == nil:
		return errors.New("making it gave no controller and no error")
	case c.Reconcile == nil:
		return errors.New("making it gave a controller without Reconcile")
	}
	for _, i := range c.Informers {
		if i == nil || reflect.ValueOf(i).Kind() == reflect.Pointer && reflect.ValueOf(i).IsNil() {
			return errors.New("making it gave a controller with a nil among its Informers")
		}
	}
	return nil
}
