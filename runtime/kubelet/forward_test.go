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
	stream := &halves{Reader: strings.NewReader("hello")}
	if err := tunnel(t.Context(), stream, listener.Addr().String()); err != nil || stream.String() != "HELLO" {
		t.Errorf("%q, %v", stream, err)
	}
	if err := tunnel(t.Context(), &halves{Reader: strings.NewReader("")}, "127.0.0.1:1"); err == nil {
		t.Error("a port where nobody listens was connected to")
	}
}

// halves is a stream whose ends are apart.
type halves struct {
	io.Reader
	bytes.Buffer
}

func (h *halves) Read(p []byte) (int, error) { return h.Reader.Read(p) }

func (*halves) Close() error { return nil }
