package codegen

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
)

// Cancelling kills the child, whatever it is doing.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan error, 1)
	go func() {
		_, err := Run(ctx, Options{Dir: t.TempDir(), Args: []string{hang, listener.Addr().String()}})
		done <- err
	}()
	child, err := listener.Accept() // it is there
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
	if n, err := child.Read(make([]byte, 1)); err == nil {
		t.Errorf("the child is still there: %d bytes", n)
	}
	if _, err := Run(ctx, Options{Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("Run with a cancelled context returned %v", err)
	}
}

// A child that dies is one line, with all that it said for those who ask.
func TestCrash(t *testing.T) {
	_, err := Run(t.Context(), Options{Dir: t.TempDir(), Args: []string{crash}})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("Run returned %v", err)
	}
	if got := e.Error(); !strings.HasPrefix(got, "code generation crashed: panic: told to") || strings.Contains(got, "\n") {
		t.Errorf("Run returned %q", got)
	}
	if !strings.Contains(e.Detail, "goroutine") {
		t.Errorf("the detail is %q", e.Detail)
	}
}

func TestNoGo(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, demo(t))
	_, err := Run(t.Context(), Options{Dir: dir, Env: withEnv(os.Environ(), "PATH="+t.TempDir())})
	if err == nil || err.Error() != "no go command on PATH: install Go from https://go.dev/dl and try again" {
		t.Errorf("Run returned %v", err)
	}
}

// Child is of no use to a person who types its name.
func TestChildByHand(t *testing.T) {
	var out strings.Builder
	if code := Child(strings.NewReader("hello"), &out); code != 2 || out.Len() > 0 {
		t.Errorf("code %d, output %q", code, out.String())
	}
}
