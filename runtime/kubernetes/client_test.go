package kubernetes_test

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// A certificate is good until it expires, also for the connection that it was shown for.
func TestACertificateExpiresOnAnOpenConnection(t *testing.T) {
	c, _ := sharedCluster(t)
	var client *http.Client
	reused := false
	trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }})
	ask := func() int {
		request, err := http.NewRequestWithContext(trace, http.MethodGet, c.config.Host+"/api/v1/namespaces/default", nil)
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
	// It must live until it is first shown, on a slow machine as well.
	for life := 2 * time.Second; client == nil || ask() != http.StatusOK; life *= 2 {
		if life > patience {
			t.Fatal("a good certificate is refused")
		}
		var err error
		if client, err = rest.HTTPClientFor(c.certificate("joe", time.Now().Add(life), "system:masters")); err != nil {
			t.Fatal(err)
		}
	}
	var code int
	c.eventually("it expires", func() bool { code = ask(); return code != http.StatusOK })
	if code != http.StatusUnauthorized || !reused {
		t.Errorf("%d, not 401; on the connection of before: %t", code, reused)
	}
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
