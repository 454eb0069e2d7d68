package kubernetes

import (
	"context"
	"sync"

	coordinationv1 "k8s.io/api/coordination/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	"github.com/kubecraft/kubecraft/runtime/informers"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/internal/departures"
)

// shared is what components share with the server and with one another.
type shared struct {
	mu        sync.Mutex
	informers *informers.Factory
}

// Informers returns the factory whose informers all components of the process share. The server's own are among them. It is
// called once the server runs.
func (s *server) Informers() (*informers.Factory, error) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.informers == nil {
		client, err := clientset.NewForConfig(s.Loopback())
		if err != nil {
			return nil, err
		}
		s.shared.informers = informers.Share(s.essential.Informers, client, departures.Informers{Store: s.store}.New)
	}
	return s.shared.informers, nil
}

// Essential returns the controllers that the server must not be without, for a component that runs them with all others.
func (s *server) Essential() essential.Controllers { return s.essential }

// stop ends the informers that the server has not started itself.
func (s *shared) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.informers != nil {
		s.informers.Stop()
	}
}

// RenewLease writes a lease in which nothing but times in its spec has changed since it was answered, without a request. It returns false
// where that must be a request, such as with an audit log.
func (s *server) RenewLease(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, bool, error) {
	if s.leases == nil {
		return nil, false, nil
	}
	renewed, err := s.leases.Renew(ctx, lease)
	return renewed, true, err
}

var _ informers.Source = &server{}
