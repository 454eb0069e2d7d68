package controlplane_test

import (
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

// A connection that was made before the authority was replaced is of a stranger afterwards.
func TestAnotherAuthorityHoldsForOpenConnections(t *testing.T) {
	dir := t.TempDir()
	clock := clocktesting.NewFakeClock(time.Now())
	o := controlplane.Options{Data: filepath.Join(dir, "data"), PKI: filepath.Join(dir, "pki"), Kubeconfig: filepath.Join(dir, "config")}
	server, err := controlplane.Start(t.Context(), o.WithClock(clock), serve.Groups())
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	client, err := rest.HTTPClientFor(server.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	reused := false
	trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }})
	ask := func() int {
		request, err := http.NewRequestWithContext(trace, http.MethodGet, server.URL()+robots, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	for range 2 {
		if code := ask(); code != http.StatusOK {
			t.Fatalf("a good certificate: %d", code)
		}
	}
	if err := os.RemoveAll(o.PKI); err != nil {
		t.Fatal(err)
	}
	clock.Step(24 * time.Hour) // it looks at its files
	deadline := time.Now().Add(patience)
	code := ask()
	for ; code == http.StatusOK; code = ask() {
		if time.Now().After(deadline) {
			t.Fatal("what the old authority has signed is good for ever")
		}
	}
	if code != http.StatusUnauthorized || !reused {
		t.Errorf("%d, not 401; on the connection of before: %t", code, reused)
	}
}
