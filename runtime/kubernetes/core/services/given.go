package services

import (
	"context"
	"errors"
	"net"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/rest"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	netutils "k8s.io/utils/net"
)

// given are the addresses and ports that services have. They are in memory: what was given before the start is read from
// the services when the first is asked for. Kube-apiserver keeps them in the store, for servers beside it, and repairs them
// from the services as well (k8s.io/kubernetes/pkg/registry/core/service/portallocator/controller).
type given struct {
	addresses *ipallocator.Range
	ports     *portallocator.PortAllocator
	services  rest.Lister

	mu   sync.Mutex
	read bool
}

func newGiven() (*given, error) {
	_, network, err := netutils.ParseCIDRSloppy("10.96.0.0/12") // as kubeadm has it
	if err != nil {
		return nil, err
	}
	g := &given{}
	if g.addresses, err = ipallocator.NewInMemory(network); err != nil {
		return nil, err
	}
	// The default of kube-apiserver's --service-node-port-range.
	g.ports, err = portallocator.NewInMemory(utilnet.PortRange{Base: 30000, Size: 2768})
	return g, err
}

// restore notes what stored services have, once.
func (g *given) restore() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.read {
		return nil
	}
	list, err := g.services.List(context.Background(), &internalversion.ListOptions{})
	if err != nil {
		return err
	}
	for _, service := range list.(*api.ServiceList).Items {
		for _, ip := range service.Spec.ClusterIPs {
			if ip := netutils.ParseIPSloppy(ip); ip != nil { // "None" is none
				if err := g.addresses.Allocate(ip); err != nil && !taken(err) {
					return err
				}
			}
		}
		for _, port := range append(nodePorts(&service), int(service.Spec.HealthCheckNodePort)) {
			if port != 0 {
				if err := g.ports.Allocate(port); err != nil && !taken(err) {
					return err
				}
			}
		}
	}
	g.read = true
	return nil
}

func nodePorts(service *api.Service) []int {
	var all []int
	for _, port := range service.Spec.Ports {
		all = append(all, int(port.NodePort))
	}
	return all
}

// taken says that an address or a port is not free, or not one to give: another range was in use once, and services may
// share a port for TCP and UDP.
func taken(err error) bool {
	var address *ipallocator.ErrNotInRange
	var port *portallocator.ErrNotInRange
	return errors.Is(err, ipallocator.ErrAllocated) || errors.Is(err, portallocator.ErrAllocated) || errors.As(err, &address) || errors.As(err, &port)
}

// addresses gives out addresses once it knows which are given.
type addresses struct {
	ipallocator.Interface
	given *given
}

// Allocate implements ipallocator.Interface.
func (a addresses) Allocate(ip net.IP) error {
	if err := a.given.restore(); err != nil {
		return err
	}
	return a.Interface.Allocate(ip)
}

// AllocateNext implements ipallocator.Interface.
func (a addresses) AllocateNext() (net.IP, error) {
	if err := a.given.restore(); err != nil {
		return nil, err
	}
	return a.Interface.AllocateNext()
}

// Release implements ipallocator.Interface. What is being read meanwhile is released after it.
func (a addresses) Release(ip net.IP) error {
	if err := a.given.restore(); err != nil {
		return err
	}
	return a.Interface.Release(ip)
}

// DryRun implements ipallocator.Interface.
func (a addresses) DryRun() ipallocator.Interface {
	return addresses{a.Interface.DryRun(), a.given}
}

// ports gives out ports once it knows which are given.
type ports struct {
	portallocator.Interface
	given *given
}

// Allocate implements portallocator.Interface.
func (p ports) Allocate(port int) error {
	if err := p.given.restore(); err != nil {
		return err
	}
	return p.Interface.Allocate(port)
}

// AllocateNext implements portallocator.Interface.
func (p ports) AllocateNext() (int, error) {
	if err := p.given.restore(); err != nil {
		return 0, err
	}
	return p.Interface.AllocateNext()
}

// Release implements portallocator.Interface.
func (p ports) Release(port int) error {
	if err := p.given.restore(); err != nil {
		return err
	}
	return p.Interface.Release(port)
}
