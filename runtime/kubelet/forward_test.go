package kubelet

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
)

// What a PortForward names is spoken to in both directions, and heard to the end after the client has said all that it will.
func TestTunnel(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		asked, _ := io.ReadAll(conn)
		_, _ = conn.Write(bytes.ToUpper(asked))
	}()
	stream := &halves{asks: strings.NewReader("hello")}
	if err := tunnel(t.Context(), stream, listener.Addr().String()); err != nil || stream.answer.String() != "HELLO" {
		t.Errorf("%q, %v", &stream.answer, err)
	}
	if err := tunnel(t.Context(), &halves{asks: strings.NewReader("")}, "127.0.0.1:1"); err == nil {
		t.Error("a port where nobody listens was connected to")
	}
}

// halves is a stream whose ends are apart.
type halves struct {
	asks   io.Reader
	answer bytes.Buffer
}

func (h *halves) Read(p []byte) (int, error) { return h.asks.Read(p) }

func (h *halves) Write(p []byte) (int, error) { return h.answer.Write(p) }

func (*halves) Close() error { return nil }
