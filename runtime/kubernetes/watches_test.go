package kubernetes_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// Of watches, hack/test-reliability.sh opens many.
var watches = flag.Int("watches", 500, "how many watches TestIdleWatches opens")

// Watches that wait for something do not keep others from being served, all hear of what comes, and what they took is given
// back when they end.
func TestIdleWatches(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	namespace := c.namespace()
	transport, err := rest.TransportFor(c.config)
	if err != nil {
		t.Fatal(err)
	}
	c.eventually("controllers work", func() bool {
		_, err := c.CoreV1().ServiceAccounts(namespace).Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil
	})
	before, memory := c.goroutines(), p.memory()
	watching, stop := context.WithCancel(t.Context())
	defer stop()
	var open, ended sync.WaitGroup
	var heard atomic.Int64
	failed := make(chan error, *watches)
	atOnce := make(chan struct{}, 50)
	url := c.config.Host + "/api/v1/namespaces/" + namespace + "/configmaps?watch=1&labelSelector=idle"
	for range *watches {
		open.Add(1)
		ended.Go(func() {
			atOnce <- struct{}{}
			body, err := watchAt(watching, transport, url)
			<-atOnce
			open.Done()
			if err != nil {
				failed <- err
				return
			}
			defer body.Close()
			if _, err := body.Read(make([]byte, 1)); err == nil {
				heard.Add(1)
			}
			_, _ = io.Copy(io.Discard, body)
		})
	}
	open.Wait()
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
	t.Logf("%d watches take %d MiB, %d goroutines", *watches, p.memory()-memory, c.goroutines()-before)
	if n := c.goroutines() - before; n < *watches {
		t.Errorf("%d goroutines for %d watches: they are not there", n, *watches)
	}
	c.create("/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"other"}}`)
	if n := heard.Load(); n != 0 {
		t.Errorf("%d watches have heard of what they did not ask for", n)
	}
	c.create("/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"a","labels":{"idle":"no"}}}`)
	c.eventually("all hear of it", func() bool { return heard.Load() == int64(*watches) })
	stop()
	ended.Wait()
	c.eventually("their goroutines end", func() bool { return c.goroutines() < before+*watches })
	t.Logf("then it takes %d MiB, %d goroutines more than before", p.memory()-memory, c.goroutines()-before)
}

// watchAt returns the body of a watch.
func watchAt(ctx context.Context, transport http.RoundTripper, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("watch: %s", answer.Status)
	}
	return answer.Body, nil
}

// goroutines are the server's, by its metrics.
func (c *cluster) goroutines() int {
	c.t.Helper()
	_, rest, found := strings.Cut(c.get("/metrics"), "\ngo_goroutines ")
	n, err := strconv.Atoi(strings.SplitN(rest, "\n", 2)[0])
	if !found || err != nil {
		c.t.Fatalf("there is no metric of goroutines: %v", err)
	}
	return n
}

// memory is the resident set in MiB, 0 where /proc is not there.
func (p *process) memory() int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return kib >> 10
}
