package kubernetes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// inside is a component that hands out the client that all components have.
type inside struct{ config chan *rest.Config }

func (inside) Name() string { return "inside" }

func (i inside) Apply(c *controlplane.Config) error {
	c.NewComponents = append(c.NewComponents, func(controlplane.Server) (controlplane.Component, error) { return i, nil })
	return nil
}

func (i inside) Run(ctx context.Context, config *rest.Config) error {
	i.config <- config
	<-ctx.Done()
	return nil
}

// What a server answers to its own components, which do not go through its filters, is what it answers to others.
func TestComponentsAreAnsweredAsOthers(t *testing.T) {
	t.Parallel()
	part := inside{make(chan *rest.Config, 1)}
	c := start(t, options(t.TempDir()), serve.Groups(), kubernetes.All(), part)
	own := rest.CopyConfig(<-part.config)
	others := rest.CopyConfig(c.config)
	own.UserAgent, others.UserAgent = "test", "test" // which names the manager of fields
	const pod = `{"metadata":{"name":"a","labels":{"app":"a"}},"spec":{"containers":[{"name":"a","image":"x"}]}}`
	const pods = "/api/v1/namespaces/NAMESPACE/pods"
	for _, r := range []struct{ method, path, kind, body string }{
		{"POST", "/api/v1/namespaces", "application/json", `{"metadata":{"name":"NAMESPACE"}}`},
		{"POST", "/api/v1/namespaces/NAMESPACE/serviceaccounts", "application/json", `{"metadata":{"name":"default"}}`},
		{"POST", pods, "application/json", pod},
		{"POST", pods, "application/json", pod}, // it exists
		{"POST", pods, "application/json", `{"metadata":{"name":"b"},"spec":{}}`},
		{"POST", pods, "application/json", `{"metadata":`},
		{"POST", pods, "text/plain", pod},
		{"POST", pods + "?dryRun=All&fieldValidation=Strict", "application/json", `{"metadata":{"name":"b"},"spec":{"containers":[{"name":"a","image":"x","no":1}]}}`},
		{"GET", pods + "/a", "", ""},
		{"GET", pods + "/none", "", ""},
		{"PATCH", pods + "/a", "application/merge-patch+json", `{"metadata":{"labels":{"more":"yes"}}}`},
		{"PATCH", pods + "/a", "application/strategic-merge-patch+json", `{"spec":{"containers":[{"name":"a","image":"y"}]}}`},
		{"PATCH", pods + "/a", "application/json-patch+json", `[{"op":"test","path":"/metadata/name","value":"b"}]`},
		{"PATCH", pods + "/a", "application/merge-patch+json", `{"spec":{"nodeName":"n"}}`},
		{"PATCH", pods + "/b?fieldManager=me", "application/apply-patch+yaml", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"},"spec":{"containers":[{"name":"a","image":"x"}]}}`},
		{"PATCH", pods + "/a/status", "application/merge-patch+json", `{"status":{"phase":"Running"}}`},
		{"PUT", pods + "/a", "application/json", `{"metadata":{"name":"a","resourceVersion":"1"},"spec":{"containers":[{"name":"a","image":"x"}]}}`},
		{"PUT", pods + "/a", "application/json", `{"metadata":{"name":"other"},"spec":{"containers":[{"name":"a","image":"x"}]}}`},
		{"POST", pods + "/a/binding", "application/json", `{"metadata":{"name":"a"},"target":{"kind":"Node","name":"n"}}`},
		{"GET", pods + "/a/nothing", "", ""},
		{"DELETE", pods + "/b", "application/json", `{"preconditions":{"uid":"another"}}`},
		{"DELETE", pods + "/b?gracePeriodSeconds=0", "", ""},
		{"POST", "/apis/toys.example.com/v1/namespaces/NAMESPACE/robots", "application/json", `{"metadata":{"name":"a"}}`},
	} {
		theirs := answer(t, others, "first-ns", r.method, r.path, r.kind, r.body)
		if ours := answer(t, own, "second-ns", r.method, r.path, r.kind, r.body); ours != theirs {
			t.Errorf("%s %s %s:\n%s\nnot\n%s", r.method, r.path, r.body, ours, theirs)
		}
	}
	if metrics := c.get("/metrics"); !strings.Contains(metrics, `apiserver_selfrequest_total{group="",resource="pods",subresource="binding",verb="POST"} 1`) {
		t.Error("the metrics do not count a component's binding")
	}
}

// changing is what differs between two answers that say the same.
var changing = regexp.MustCompile(`("(uid|resourceVersion|creationTimestamp|time|startTime|lastTransitionTime)":|kube-api-access-|the UID in record \()[^,}\s]*`)

// answer returns the code and the body of an answer, with what may differ left out.
func answer(t *testing.T, config *rest.Config, namespace, method, path, kind, body string) string {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(text string) string { return strings.ReplaceAll(text, "NAMESPACE", namespace) }
	request, err := http.NewRequestWithContext(t.Context(), method, config.Host+replace(path), strings.NewReader(replace(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", "test")
	request.Header.Set("Accept", "application/json")
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(response.StatusCode, " ", response.Header.Get("Content-Type"), " ", strings.ReplaceAll(changing.ReplaceAllString(string(text), "$1"), namespace, "NAMESPACE"))
}
