package kubernetes_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

func TestARestartKeepsObjectsAndTheKeyOfTokens(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	first, err := controlplane.Start(t.Context(), o, serve.Groups(), kubernetes.All())
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, "", first)
	c.create("/api/v1/namespaces/default/configmaps", `{"metadata":{"name":"a"}}`)
	before, err := c.CoreV1().ConfigMaps("default").Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keys := c.get("/openid/v1/jwks")
	begin := time.Now()
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > patience {
		t.Errorf("the stop took %v", took)
	}

	c = start(t, o, serve.Groups(), kubernetes.All())
	if got := c.get("/openid/v1/jwks"); got != keys {
		t.Errorf("the key of tokens is another: %s, not %s", got, keys)
	}
	// A watch from before the restart goes on.
	watcher, err := c.CoreV1().ConfigMaps("default").Watch(t.Context(), metav1.ListOptions{ResourceVersion: before.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	if err := c.CoreV1().ConfigMaps("default").Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(patience); ; {
		select {
		case e := <-watcher.ResultChan():
			if e.Type == "DELETED" {
				return
			}
			if e.Type == "ERROR" {
				t.Fatal(apierrors.FromObject(e.Object))
			}
		case <-deadline:
			t.Fatal("the deletion is not seen")
		}
	}
}

// What the data folder has of another project's types stays, and a line says so; what is defined or built in is no matter for it.
func TestWhatIsNotServedStays(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	c.customResource(c.namespace())
	etcd := p.etcd()
	for _, key := range []string{"/registry/other.example/things/default/a", "/registry/other.example/things/default/b", "/registry/zoo/c", "/registry/zoo/cc"} {
		if _, err := etcd.Put(t.Context(), key, "{}"); err != nil {
			t.Fatal(err)
		}
	}
	if err := etcd.Close(); err != nil {
		t.Fatal(err)
	}
	p.kill()
	p.start()
	deadline := time.Now().Add(patience)
	for ; p.stderr.String() == "" && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
	}
	p.terminate()
	p.exits(0)
	want := "test: warning: stored objects of kinds or versions that are no longer served: 4; they stay as they are (such as /registry/other.example/things/default/a: no such resource is served)\n"
	if got := p.stderr.String(); got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
}

// Upstream ends the process when it is told to stop in the middle of a start.
func TestAStartThatIsCutOffEnds(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		plane, err := controlplane.Start(ctx, options(t.TempDir()), kubernetes.All())
		cancel()
		if err == nil {
			if err := plane.Stop(); err != nil {
				t.Errorf("after %v: stop: %v", after, err)
			}
		} else if ctx.Err() == nil {
			t.Errorf("after %v: %v", after, err)
		}
	}
}

// A start that never gets ready, as nobody may write what upstream's hook of priority and fairness must, ends when it is told to.
func TestAStartThatIsStuckEnds(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	asked := make(chan struct{}, 1)
	url, ca := other(t, func(w http.ResponseWriter, _ *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		http.Error(w, "nobody may", http.StatusInternalServerError)
	})
	text, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"name": "nobody"},
		"webhooks": []any{map[string]any{
			"name": "nobody.example.com", "sideEffects": "None", "admissionReviewVersions": []string{"v1"}, "failurePolicy": "Fail",
			"clientConfig": map[string]any{"url": url, "caBundle": []byte(ca)},
			"rules":        []any{map[string]any{"apiGroups": []string{"flowcontrol.apiserver.k8s.io"}, "apiVersions": []string{"*"}, "operations": []string{"CREATE"}, "resources": []string{"flowschemas"}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.create("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", string(text))
	if err := c.FlowcontrolV1().FlowSchemas().Delete(t.Context(), "probes", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p.terminate()
	p.exits(0)
	select {
	case <-asked: // by the first server, which looks every minute
	default:
	}

	p.launch()
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("nothing was to be written")
	}
	p.terminate()
	p.exitsWithin(patience, 0) // the start has ten seconds to get ready all the same
	if said := p.stderr.String(); said != "" {
		t.Errorf("it says %q", said)
	}
}
