package kubelet

import (
	"context"
	"net"
	"sync"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// listener accepts connections of the API server in the same process: there is no port that others could reach.
type listener struct {
	// knows says of a host whether it is a node that is simulated.
	mu    sync.Mutex
	knows func(host string) bool

	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

func newListener() *listener {
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// serve says which hosts are there.
func (l *listener) serve(knows func(host string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.knows = knows
}

// dial is a controlplane.DialNode of these nodes.
func (l *listener) dial(ctx context.Context, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	knows := l.knows
	l.mu.Unlock()
	if knows == nil || !knows(host) {
		return nil, nil
	}
	client, server := net.Pipe()
	select {
	case l.conns <- nodeConn{server, host}:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// beside returns what dials these nodes, or else what another knows. That may be nil.
func (l *listener) beside(other controlplane.DialNode) controlplane.DialNode {
	return func(ctx context.Context, address string) (net.Conn, error) {
		conn, err := l.dial(ctx, address)
		if conn != nil || err != nil || other == nil {
			return conn, err
		}
		return other(ctx, address)
	}
}

// nodeConn is a connection to the kubelet of a host.
type nodeConn struct {
	net.Conn
	host string
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.close()
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return pipeAddress{} }

type pipeAddress struct{}

// Network implements net.Addr.
func (pipeAddress) Network() string { return "pipe" }

// String implements net.Addr.
func (pipeAddress) String() string { return "pipe" }
