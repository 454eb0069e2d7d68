package kubernetes_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/kubecraft/kubecraft/runtime/controller"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/coordination/leases"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/events"
)

func robots(t *testing.T, config *rest.Config) dynamic.ResourceInterface {
	t.Helper()
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace("default")
}

func makeRobot(t *testing.T, config *rest.Config, name string) {
	t.Helper()
	robot := &unstructured.Unstructured{Object: map[string]any{"apiVersion": toysv1.SchemeGroupVersion.String(), "kind": "Robot", "metadata": map[string]any{"name": name}}}
	if _, err := robots(t, config).Create(t.Context(), robot, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// watching makes a controller of robots.
func watching(reconcile func(context.Context, controller.Setup, cache.ObjectName) error) func(context.Context, controller.Setup) (*controller.Controller, error) {
	return func(_ context.Context, setup controller.Setup) (*controller.Controller, error) {
		client, err := dynamic.NewForConfig(setup.Config)
		if err != nil {
			return nil, err
		}
		informers := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
		_, err = informers.ForResource(toysv1.SchemeGroupVersion.WithResource("robots")).Informer().AddEventHandler(setup.Enqueue(controller.Self))
		return &controller.Controller{
			Informers: []controller.Informers{contextual{informers}},
			Reconcile: func(ctx context.Context, key cache.ObjectName) error { return reconcile(ctx, setup, key) },
		}, err
	}
}

// contextual gives the dynamic factory, whose waits take channels, the form of the others.
type contextual struct {
	dynamicinformer.DynamicSharedInformerFactory
}

func (c contextual) StartWithContext(ctx context.Context) { c.Start(ctx.Done()) }

func (c contextual) WaitForCacheSyncWithContext(ctx context.Context) cache.SyncResult {
	for _, synced := range c.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return cache.SyncResult{Err: ctx.Err()}
		}
	}
	return cache.SyncResult{}
}

// plane starts a control plane of robots and other parts.
func plane(t *testing.T, parts ...controlplane.Part) *controlplane.ControlPlane {
	t.Helper()
	started, err := controlplane.Start(t.Context(), controlplane.Options{}, append([]controlplane.Part{serve.Groups()}, parts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = started.Stop() }) // some tests stop it themselves, to see how
	return started
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func minderNeeds() controlplane.Needs {
	return controlplane.Needs{leases.Resource(), events.Resource()}
}

// A reconcile that panics, one that fails, and one that does not end with its context's time are tried again, beside others that go on.
// What is needed is served once, whoever else serves it; the server's metrics tell of all of it.
func TestWhatGoesWrongIsTriedAgain(t *testing.T) {
	var panicked, failed, hung, went atomic.Int32
	part := &controller.Part{PartName: "minder", Needs: minderNeeds(), Timeout: 50 * time.Millisecond, New: watching(func(ctx context.Context, _ controller.Setup, key cache.ObjectName) error {
		switch {
		case key.Name == "panics" && panicked.Add(1) < 3:
			panic("at the disco")
		case key.Name == "fails" && failed.Add(1) < 3:
			return errors.New("not yet")
		case key.Name == "hangs" && hung.Add(1) < 3:
			<-ctx.Done()
			return ctx.Err()
		case key.Name == "goes":
			went.Add(1)
		}
		return nil
	})}
	made := plane(t, part, controlplane.Groups{Groups: minderNeeds()})
	config := made.RESTConfig()
	for _, name := range []string{"panics", "fails", "hangs", "goes"} {
		makeRobot(t, config, name)
	}
	await(t, "all are tried until they go", func() bool {
		return panicked.Load() == 3 && failed.Load() == 3 && hung.Load() == 3 && went.Load() >= 1
	})
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the metrics tell of it", func() bool {
		answer, err := client.Get(made.URL() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%d: %v", answer.StatusCode, err)
		}
		for _, want := range []string{
			`kubecraft_controller_reconcile_duration_seconds_count{controller="minder",result="panic"} 2`,
			`kubecraft_controller_reconcile_duration_seconds_count{controller="minder",result="error"} 4`,
			`workqueue_retries_total{name="minder"} 6`,
			`workqueue_depth{name="minder"} 0`,
			`leader_election_master_status{name="minder"} 1`,
		} {
			if !strings.Contains(string(text), want) {
				return false
			}
		}
		return true
	})
}

// What is recorded before a stop is written before it.
func TestEventsAreWrittenBeforeAStop(t *testing.T) {
	var recorded atomic.Int32
	made := plane(t, controlplane.Groups{Groups: minderNeeds()})
	part := &controller.Part{PartName: "teller", Identity: "one", New: watching(func(_ context.Context, setup controller.Setup, key cache.ObjectName) error {
		about := &corev1.ObjectReference{APIVersion: toysv1.SchemeGroupVersion.String(), Kind: "Robot", Namespace: key.Namespace, Name: key.Name}
		setup.Recorder(scheme.Scheme).Event(about, corev1.EventTypeNormal, "Seen", "was seen")
		recorded.Add(1)
		return nil
	})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- part.Run(ctx, made.RESTConfig()) }()
	for _, name := range []string{"a", "b", "c"} {
		makeRobot(t, made.RESTConfig(), name)
	}
	await(t, "all are seen", func() bool { return recorded.Load() == 3 })
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	client := clientset.NewForConfigOrDie(made.RESTConfig())
	list, err := client.CoreV1().Events("default").List(t.Context(), metav1.ListOptions{FieldSelector: "reason=Seen"})
	if err != nil || len(list.Items) != 3 || list.Items[0].ReportingInstance != "one" {
		t.Errorf("%d events: %v %v", len(list.Items), list.Items, err)
	}
	lease, err := client.CoordinationV1().Leases(metav1.NamespaceSystem).Get(t.Context(), "teller", metav1.GetOptions{})
	if err != nil || *lease.Spec.HolderIdentity != "" {
		t.Errorf("the lease is still held: %v, %v", lease, err)
	}
}

// A controller that cannot be made ends the control plane, which says why in a line.
func TestControllersThatCannotBe(t *testing.T) {
	for want, part := range map[string]*controller.Part{
		"minder: needs leases, which the server does not have": {New: watching(nil)},
		"minder: making it gave no controller and no error":    {Needs: minderNeeds(), New: func(context.Context, controller.Setup) (*controller.Controller, error) { return nil, nil }},
		"minder: making it gave a controller without Reconcile": {Needs: minderNeeds(), New: func(context.Context, controller.Setup) (*controller.Controller, error) {
			return &controller.Controller{}, nil
		}},
		"minder: making it panicked: no": {Needs: minderNeeds(), New: func(context.Context, controller.Setup) (*controller.Controller, error) { panic("no") }},
		"minder: no such thing": {Needs: minderNeeds(), New: func(context.Context, controller.Setup) (*controller.Controller, error) {
			return nil, errors.New("no such thing")
		}},
	} {
		part.PartName = "minder"
		made := plane(t, part)
		<-made.Done()
		if err := made.Stop(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, not %q", err, want)
		}
	}
	for _, part := range []*controller.Part{{}, {PartName: "a"}, {PartName: "a", New: watching(nil), Workers: -1}} {
		if _, err := controlplane.Start(t.Context(), controlplane.Options{}, serve.Groups(), part); err == nil {
			t.Errorf("%+v has started", part)
		}
	}
}
