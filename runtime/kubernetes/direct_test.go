package kubernetes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// inside is a component that hands out the client that all components have, and the server.
type inside struct {
	config chan *rest.Config
	server chan controlplane.Server
}

func newInside() inside {
	return inside{make(chan *rest.Config, 1), make(chan controlplane.Server, 1)}
}

func (inside) Name() string { return "inside" }

func (i inside) Apply(c *controlplane.Config) error {
	c.NewComponents = append(c.NewComponents, func(s controlplane.Server) (controlplane.Component, error) {
		i.server <- s
		return i, nil
	})
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
	part := newInside()
	c := start(t, options(t.TempDir()), serve.Groups(), kubernetes.All(), part)
	own := rest.CopyConfig(<-part.config)
	others := rest.CopyConfig(c.config)
	own.UserAgent, others.UserAgent = "test", "test" // which names the manager of fields
	const pod = `{"metadata":{"name":"a","labels":{"app":"a"}},"spec":{"containers":[{"name":"a","image":"x"}]}}`
	const pods = "/api/v1/namespaces/NAMESPACE/pods"
	for _, namespace := range []string{"first-ns", "second-ns"} {
		c.create("/api/v1/namespaces", `{"metadata":{"name":"`+namespace+`"}}`)
		c.eventually("the namespace has its service account", func() bool {
			_, err := c.CoreV1().ServiceAccounts(namespace).Get(t.Context(), "default", metav1.GetOptions{})
			return err == nil
		})
	}
	counted := regexp.MustCompile(`apiserver_selfrequest_total\{group="",resource="pods",subresource="binding",verb="POST"\} \S+`)
	bindings := func() string { return counted.FindString(c.get("/metrics")) }
	before := bindings() // of the process, which may have had another server
	for _, r := range []struct{ method, path, kind, body string }{
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
	if bindings() == before {
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

// A lease that is renewed without a request is as one that is updated, to readers, watches and others who write it.
func TestLeasesAreRenewed(t *testing.T) {
	t.Parallel()
	part := newInside()
	c := start(t, options(t.TempDir()), kubernetes.All(), part)
	server := (<-part.server).(interface {
		RenewLease(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, bool, error)
	})
	leases := c.CoordinationV1().Leases("kube-node-lease")
	first, err := leases.Create(t.Context(), &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"a": "b"}},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: ptr.To("a"), RenewTime: ptr.To(metav1.NewMicroTime(time.Unix(1, 0)))},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := leases.Watch(t.Context(), metav1.ListOptions{ResourceVersion: first.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	want := first.DeepCopy()
	want.Spec.RenewTime = ptr.To(metav1.NewMicroTime(time.Unix(2, 0)))
	renewed, done, err := server.RenewLease(t.Context(), want)
	if err != nil || !done || renewed.ResourceVersion == first.ResourceVersion {
		t.Fatalf("%v, %v, %v", renewed, done, err)
	}
	want.ResourceVersion = renewed.ResourceVersion
	if got, err := leases.Get(t.Context(), "a", metav1.GetOptions{}); err != nil || !apiequality.Semantic.DeepEqual(got, want) || !apiequality.Semantic.DeepEqual(renewed, want) {
		t.Errorf("%v, %v: read is\n%v, answered\n%v", want, err, got, renewed)
	}
	select {
	case e := <-watcher.ResultChan():
		if got, ok := e.Object.(*coordinationv1.Lease); !ok || e.Type != watch.Modified || !apiequality.Semantic.DeepEqual(got, want) {
			t.Errorf("watched: %v", e)
		}
	case <-time.After(patience):
		t.Error("no watch is told")
	}
	if _, _, err := server.RenewLease(t.Context(), first); !apierrors.IsConflict(err) {
		t.Errorf("one that was renewed meanwhile: %v", err)
	}
	if _, err := leases.Update(t.Context(), renewed, metav1.UpdateOptions{}); err != nil {
		t.Errorf("an update after it: %v", err)
	}
	if err := leases.Delete(t.Context(), "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := server.RenewLease(t.Context(), renewed); !apierrors.IsConflict(err) {
		t.Errorf("one that is gone: %v", err)
	}
}

// The server's own token stays in it: servers of other people's, which the aggregator passes requests on to, are told who asks and no more.
func TestTheTokenIsNotPassedOn(t *testing.T) {
	t.Parallel()
	asked := make(chan http.Header, 1)
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(req.URL.Path, "/things/a") {
			asked <- req.Header
		}
		_, _ = io.WriteString(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"other.example/v1","resources":[]}`)
	}))
	defer other.Close()
	_, port, _ := strings.Cut(other.Listener.Addr().String(), ":")
	part := newInside()
	c := start(t, options(t.TempDir()), kubernetes.All(), part)
	own := <-part.config
	c.create("/api/v1/namespaces/default/services", `{"metadata":{"name":"other"},"spec":{"type":"ExternalName","externalName":"localhost"}}`)
	c.create("/apis/apiregistration.k8s.io/v1/apiservices", `{"metadata":{"name":"v1.other.example"},"spec":{"group":"other.example","version":"v1",
		"groupPriorityMinimum":10,"versionPriority":10,"insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"other","port":`+port+`}}}`)
	c.eventually("the other server is asked", func() bool {
		return strings.HasPrefix(answer(t, own, "default", "GET", "/apis/other.example/v1/namespaces/NAMESPACE/things/a", "", ""), "200")
	})
	headers := <-asked
	if headers.Get("X-Remote-User") != "system:apiserver" || headers.Get("Authorization") != "" {
		t.Errorf("it is told that %q asks, with a token of %d bytes", headers.Get("X-Remote-User"), len(headers.Get("Authorization")))
	}
}
