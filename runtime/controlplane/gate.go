package controlplane

import (
	"net"
	"sync"
	"time"
)

// gateLimit is how long a start may take before the server answers all the same, so that /readyz can tell what it waits for.
const gateLimit = 10 * time.Second

// gate is a listener that accepts nobody until it is opened: clients that come while the server starts wait for as long. Upstream answers
// them with 503 or 404 for what is not there yet, and informers that would have gone on where they were list again then, and miss what
// happened meanwhile.
type gate struct {
	net.Listener
	opened chan struct{}
	// open may be called more than once.
	open  func()
	limit *time.Timer
}

func newGate(listener net.Listener) *gate {
	g := &gate{Listener: listener, opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	g.limit = time.AfterFunc(gateLimit, g.open)
	return g
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	<-g.opened
	return g.Listener.Accept()
}

// Close implements net.Listener.
func (g *gate) Close() error {
	err := g.Listener.Close()
	g.limit.Stop()
	g.open()
	return err
}
