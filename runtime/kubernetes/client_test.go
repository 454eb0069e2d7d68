package kubernetes_test

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/pki"
)

// A certificate is good until it expires, also for the connection that it was shown for.
func TestACertificateExpiresOnAnOpenConnection(t *testing.T) {
	c, _ := sharedCluster(t)
	var open *connection
	// It must live until it is first shown, on a slow machine as well.
	for life := 2 * time.Second; open == nil || open.ask() != http.StatusOK; life *= 2 {
		if life > patience {
			t.Fatal("a good certificate is refused")
		}
		open = newConnection(t, c.certificate("joe", time.Now().Add(life), "system:masters"))
	}
	var code int
	c.eventually("it expires", func() bool { code = open.ask(); return code != http.StatusOK })
	if code != http.StatusUnauthorized || !open.reused {
		t.Errorf("%d, not 401; on the connection of before: %t", code, open.reused)
	}
}

// kept is a part that keeps the server it makes.
type kept struct {
	controlplane.Part
	server controlplane.Server
}

// Apply implements controlplane.Part.
func (k *kept) Apply(c *controlplane.Config) error {
	err := k.Part.Apply(c)
	newServer := c.NewServer
	c.NewServer = func(o controlplane.ServerOptions) (_ controlplane.Server, err error) {
		k.server, err = newServer(o)
		return k.server, err
	}
	return err
}

// What another authority than the server's has signed is a stranger's, also on a connection that was made before.
func TestAnotherAuthorityHoldsForOpenConnections(t *testing.T) {
	t.Parallel()
	part := &kept{Part: kubernetes.All()}
	c := start(t, options(t.TempDir()), serve.Groups(), part)
	open := newConnection(t, c.config)
	for range 2 {
		if code := open.ask(); code != http.StatusOK {
			t.Fatalf("a good certificate: %d", code)
		}
	}
	other, err := pki.Ensure(filepath.Join(t.TempDir(), "pki"), pki.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := part.server.SetCertificates(other.ServingCert, other.ServingKey, other.CA); err != nil {
		t.Fatal(err)
	}
	if code := open.ask(); code != http.StatusUnauthorized || !open.reused {
		t.Errorf("%d, not 401; on the connection of before: %t", code, open.reused)
	}
	config := rest.CopyConfig(c.config)
	config.CAData, config.CertData, config.KeyData = other.CA, other.AdminCert, other.AdminKey
	anew := newConnection(t, config)
	c.eventually("the new authority's are known", func() bool { return anew.ask() == http.StatusOK })
}

// connection asks the same again and again.
type connection struct {
	t      *testing.T
	client *http.Client
	url    string
	reused bool // by the last request: the connection of the one before
}

func newConnection(t *testing.T, config *rest.Config) *connection {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return &connection{t: t, client: client, url: config.Host + "/api/v1/namespaces/default"}
}

// ask returns the status code, 0 if there was no answer.
func (c *connection) ask() int {
	trace := httptrace.WithClientTrace(c.t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { c.reused = info.Reused }})
	request, err := http.NewRequestWithContext(trace, http.MethodGet, c.url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.client.Do(request)
	if err != nil {
		c.t.Logf("no answer: %v", err)
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// Of two that would lead one does, and the other follows when it goes without a word.
func TestLeaderElection(t *testing.T) {
	c, namespace := sharedCluster(t)
	leading := make(chan string, 10)
	run := func(ctx context.Context, name string, client clientset.Interface) {
		leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Lock: &resourcelock.LeaseLock{
				LeaseMeta: metav1.ObjectMeta{Namespace: namespace, Name: "leader"}, Client: client.CoordinationV1(),
				LockConfig: resourcelock.ResourceLockConfig{Identity: name},
			},
			LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { leading <- name }, OnStoppedLeading: func() {}},
		})
	}
	first, end := context.WithCancel(t.Context())
	firstEnded := make(chan struct{})
	go func() { defer close(firstEnded); run(first, "first", c) }()
	if name := <-leading; name != "first" {
		t.Fatalf("%s leads", name)
	}
	second, endSecond := context.WithCancel(t.Context())
	secondEnded := make(chan struct{})
	go func() { defer close(secondEnded); run(second, "second", c) }()
	defer func() { endSecond(); <-secondEnded }()
	end()
	<-firstEnded
	select {
	case name := <-leading:
		if name != "second" {
			t.Errorf("%s leads", name)
		}
	case <-time.After(patience):
		t.Fatal("nobody leads")
	}
	lease, err := c.CoordinationV1().Leases(namespace).Get(t.Context(), "leader", metav1.GetOptions{})
	if err != nil || *lease.Spec.HolderIdentity != "second" || *lease.Spec.LeaseTransitions != 1 {
		t.Errorf("%v, %v", lease, err)
	}
	// One who comes with what it read before is told so.
	stale := lease.DeepCopy()
	stale.ResourceVersion = "1"
	if _, err := c.CoordinationV1().Leases(namespace).Update(t.Context(), stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Errorf("an old lease: %v", err)
	}
}
