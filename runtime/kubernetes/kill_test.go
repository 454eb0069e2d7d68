package kubernetes_test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
)

// Of kills, hack/test-reliability.sh makes many.
var kills = flag.Int("kills", 3, "how often TestInformersGoOnAfterKills kills the server")

// A server that is killed while clients write and watch, and started again, has every write that it has acknowledged,
// and informers that ran before see every change there was, in order, with nobody's help.
func TestInformersGoOnAfterKills(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	namespace := c.namespace()
	crons := c.customResource(namespace)
	c.eventually("the namespace has what comes with one", func() bool {
		_, account := c.CoreV1().ServiceAccounts(namespace).Get(t.Context(), "default", metav1.GetOptions{})
		_, authority := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), "kube-root-ca.crt", metav1.GetOptions{})
		return account == nil && authority == nil
	})
	resources := []*watched{
		{resource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, object: `{"apiVersion":"v1","kind":"ConfigMap"}`},
		{resource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, object: `{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","image":"x"}]}}`},
		{resource: schema.GroupVersionResource{Group: "toys.example.com", Version: "v1", Resource: "robots"}, object: `{"apiVersion":"toys.example.com/v1","kind":"Robot"}`},
		{resource: crons, object: fmt.Sprintf(`{"apiVersion":"%s/v1","kind":"Cron"}`, crons.Group)},
	}
	typed := informers.NewSharedInformerFactoryWithOptions(c.Clientset, 0, informers.WithNamespace(namespace))
	others := dynamicinformer.NewFilteredDynamicSharedInformerFactory(c.objects, 0, namespace, nil)
	for _, w := range resources {
		if generic, err := typed.ForResource(w.resource); err == nil {
			w.informer = generic.Informer()
		} else {
			w.informer = others.ForResource(w.resource).Informer()
		}
		if _, err := w.informer.AddEventHandler(w); err != nil {
			t.Fatal(err)
		}
	}
	informing, stop := context.WithCancel(t.Context())
	defer func() { stop(); typed.Shutdown(); others.Shutdown() }()
	typed.Start(informing.Done())
	others.Start(informing.Done())
	typed.WaitForCacheSync(informing.Done())
	others.WaitForCacheSync(informing.Done())

	truth := &history{begin: p.mark()}
	truth.end = truth.begin
	writing, stopWriting := context.WithCancel(t.Context())
	defer stopWriting()
	var writers sync.WaitGroup
	for _, w := range resources {
		for i := range 2 {
			writers.Go(func() { w.write(writing, c, namespace, i) })
		}
	}
	for range *kills {
		for _, w := range resources {
			w.awaitNews(truth.end)
		}
		p.kill()
		p.start()
		truth.read(p) // before it is compacted
	}
	for _, w := range resources {
		w.awaitNews(truth.end)
	}
	stopWriting()
	writers.Wait()
	truth.read(p)

	for _, w := range resources {
		changes := truth.of(w.resource, namespace)
		if len(changes) == 0 {
			t.Fatalf("nothing was written of %s", w.resource.Resource)
		}
		c.eventually(w.resource.Resource+" are seen to the last", func() bool { return w.lastSeen() >= changes[len(changes)-1].version })
		w.compare(t, truth.begin, changes)
		w.compareStore(c, namespace)
	}
}

// customResource defines crons in a group of the namespace's name, and returns when they are served.
func (c *cluster) customResource(namespace string) schema.GroupVersionResource {
	c.t.Helper()
	crons := schema.GroupVersionResource{Group: namespace + ".example.com", Version: "v1", Resource: "crons"}
	c.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", fmt.Sprintf(`{"metadata":{"name":"crons.%[1]s"},"spec":{"group":%[1]q,"scope":"Namespaced",
		"names":{"plural":"crons","kind":"Cron"},"versions":[{"name":"v1","served":true,"storage":true,
		"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object"}}}}}]}}`, crons.Group))
	// The first that is created after the definition waits two seconds, as upstream has it for other servers' sake.
	c.eventually("crons are served", func() bool {
		return c.post("/apis/"+crons.Group+"/v1/namespaces/"+namespace+"/crons", fmt.Sprintf(`{"apiVersion":"%s/v1","kind":"Cron","metadata":{"name":"first"}}`, crons.Group)) == nil
	})
	return crons
}
