package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// hold creates the secret "held", which a webhook lets in when release is closed. It returns when the webhook is asked.
func (c *cluster) hold(namespace string) (held <-chan error, release chan<- struct{}) {
	c.t.Helper()
	arrived, open := make(chan struct{}, 1), make(chan struct{})
	url, ca := other(c.t, func(w http.ResponseWriter, req *http.Request) {
		var review struct {
			Request struct {
				UID    string `json:"uid"`
				DryRun bool   `json:"dryRun"`
			} `json:"request"`
		}
		body, _ := io.ReadAll(req.Body)
		_ = json.Unmarshal(body, &review)
		if !review.Request.DryRun {
			arrived <- struct{}{}
			select {
			case <-open:
			case <-req.Context().Done():
			}
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":%q,"allowed":%t,"status":{"message":"asked"}}}`,
			review.Request.UID, !review.Request.DryRun)
	})
	text, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"name": namespace},
		"webhooks": []any{map[string]any{
			"name": "hold.example.com", "sideEffects": "None", "admissionReviewVersions": []string{"v1"}, "timeoutSeconds": 30,
			"clientConfig":      map[string]any{"url": url, "caBundle": []byte(ca)},
			"namespaceSelector": map[string]any{"matchLabels": map[string]string{"kubernetes.io/metadata.name": namespace}},
			"rules":             []any{map[string]any{"apiGroups": []string{""}, "apiVersions": []string{"v1"}, "operations": []string{"CREATE"}, "resources": []string{"secrets"}}},
		}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.create("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", string(text))
	c.eventually("the webhook is asked", func() bool {
		err := c.try("/api/v1/namespaces/"+namespace+"/secrets", `{"metadata":{"name":"a"}}`)
		return err != nil && strings.HasSuffix(err.Error(), "asked")
	})
	answer := make(chan error, 1)
	go func() { answer <- c.post("/api/v1/namespaces/"+namespace+"/secrets", `{"metadata":{"name":"held"}}`) }()
	select {
	case <-arrived:
	case err := <-answer:
		c.t.Fatalf("the webhook was not asked: %v", err)
	}
	return answer, open
}

// A server that is told to stop answers those who have asked, loses nothing that it has acknowledged, and ends with code 0.
func TestAStopDrains(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	namespace := c.namespace()
	held, release := c.hold(namespace)
	configMaps := "/api/v1/namespaces/" + namespace + "/configmaps"
	// Others write until nobody answers any more.
	var writers sync.WaitGroup
	written := make([]int, 4)
	for w := range written {
		writers.Go(func() {
			for c.post(configMaps, fmt.Sprintf(`{"metadata":{"name":"w%d-%d"}}`, w, written[w])) == nil {
				written[w]++
			}
		})
	}
	c.eventually("something is written", func() bool {
		list, err := c.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
		return err == nil && len(list.Items) > 20
	})
	p.terminate()
	writers.Wait()
	close(release)
	if err := <-held; err != nil {
		t.Errorf("what was under way when the stop came: %v", err)
	}
	p.exits(0)

	p.start()
	if _, err := c.CoreV1().Secrets(namespace).Get(t.Context(), "held", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	for w, n := range written {
		for i := range n {
			if _, err := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), fmt.Sprintf("w%d-%d", w, i), metav1.GetOptions{}); err != nil {
				t.Errorf("acknowledged and lost: %v", err)
			}
		}
	}
}

// One request that hangs does not hold up a stop for as long as it may hang, nor do watches.
func TestAStopDoesNotWaitForARequestThatHangs(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	namespace := c.namespace()
	watcher, err := c.CoreV1().Pods(namespace).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	held, release := c.hold(namespace)
	p.terminate()
	p.exits(0)
	close(release)
	<-held
}
