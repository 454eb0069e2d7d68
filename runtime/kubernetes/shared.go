package kubernetes

import (
	"sync"

	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controllers/essential"
	"github.com/kubecraft/kubecraft/runtime/informers"
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
		s.shared.informers = informers.Share(s.essential.Informers, client)
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

var _ informers.Source = &server{}
