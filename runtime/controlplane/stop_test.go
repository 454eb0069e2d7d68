package controlplane_test

import (
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

// Administrators stop a server by a request, and nobody else does.
func TestAStopIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	server, admin := start(t, dir)
	as := func(id rest.TLSClientConfig) *client {
		id.CAData = server.RESTConfig().CAData
		return &client{t: t, url: server.URL(), http: httpsClient(t, &rest.Config{TLSClientConfig: id})}
	}
	as(rest.TLSClientConfig{}).refused(401, "Unauthorized", "POST", controlplane.StopPath, "")
	as(user(t, filepath.Join(dir, "pki"), "joe")).refused(403, `User "joe" cannot post path "/kubecraft/stop"`, "POST", controlplane.StopPath, "")
	if a := admin.do("GET", controlplane.StopPath, ""); a.Code != 405 {
		t.Errorf("GET: %d", a.Code)
	}
	select {
	case <-server.Done():
		t.Fatal("it has stopped")
	default:
	}
	if a := admin.do("POST", controlplane.StopPath, ""); a.Code != 202 {
		t.Errorf("POST: %d", a.Code)
	}
	select {
	case <-server.Done():
	case <-time.After(patience):
		t.Fatal("it does not stop")
	}
}
