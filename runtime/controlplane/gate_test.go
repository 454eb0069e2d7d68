package controlplane

import (
	"net"
	"testing"
	"time"
)

// Who comes before a gate is opened waits, and is accepted then; one that is closed holds up nobody.
func TestGate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(listener)
	accepted := make(chan error)
	accept := func() {
		conn, err := g.Accept()
		if err == nil {
			err = conn.Close()
		}
		accepted <- err
	}
	go accept()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	select {
	case err := <-accepted:
		t.Fatalf("a client is accepted before the gate is opened: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	g.open()
	g.open()
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}

	if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	g = newGate(listener)
	go accept()
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; err == nil {
		t.Error("a gate that is closed has accepted somebody")
	}
}
