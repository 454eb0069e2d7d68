package kubernetes_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// gone is what an informer finds missing when it lists again.
type gone chan string

// An informer that was away for longer than the history reaches is told so with a 410, lists again, and has what was made,
// changed and deleted meanwhile.
func TestAnInformerThatWasAwayForLongListsAgain(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	c := newClients(t, p.dir, p.config())
	namespace := c.namespace()
	maps := c.CoreV1().ConfigMaps(namespace)
	for _, name := range []string{"kept", "changed", "deleted"} {
		c.create("/api/v1/namespaces/"+namespace+"/configmaps", fmt.Sprintf(`{"metadata":{"name":%q}}`, name))
	}
	missed := make(gone, 10)
	w := &watched{resource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}}
	factory := informers.NewSharedInformerFactoryWithOptions(c.Clientset, 0, informers.WithNamespace(namespace))
	w.informer = factory.Core().V1().ConfigMaps().Informer()
	for _, handler := range []cache.ResourceEventHandler{w, cache.ResourceEventHandlerFuncs{DeleteFunc: missed.note}} {
		if _, err := w.informer.AddEventHandler(handler); err != nil {
			t.Fatal(err)
		}
	}
	informing, stop := context.WithCancel(t.Context())
	defer func() { stop(); factory.Shutdown() }()
	factory.Start(informing.Done())
	factory.WaitForCacheSync(informing.Done())
	// A watch with nothing in it would be a reason of its own to list again.
	before := p.mark()
	if _, err := maps.Create(t.Context(), configMap("news"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	w.awaitNews(before)

	// While the informer knocks at the old port, the world goes on at another, and forgets.
	p.kill()
	args := p.args
	p.args = append(slices.Clone(args), "--port", freePort(t))
	p.start()
	elsewhere := newClients(t, p.dir, p.config()).CoreV1().ConfigMaps(namespace)
	if err := elsewhere.Delete(t.Context(), "deleted", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	changed := configMap("changed")
	changed.Data = map[string]string{"is": "changed"}
	if _, err := elsewhere.Update(t.Context(), changed, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Create(t.Context(), configMap("made"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	now := p.mark()
	etcd := p.etcd()
	if _, err := etcd.Compact(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if err := etcd.Close(); err != nil {
		t.Fatal(err)
	}
	p.kill()
	p.args = args
	p.start()

	select {
	case name := <-missed:
		if name != "deleted" {
			t.Errorf("%s is found to be gone", name)
		}
	case <-time.After(3 * patience): // as awaitNews
		t.Error("nothing is found to be gone: the informer did not list again")
	}
	w.compareStore(c, namespace)
	before = p.mark()
	if _, err := maps.Create(t.Context(), configMap("after"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if w.awaitNews(before); w.lastSeen() <= before {
		t.Error("the informer does not watch any more")
	}
}

func (g gone) note(object any) {
	if missing, ok := object.(cache.DeletedFinalStateUnknown); ok {
		_, name, _ := cache.SplitMetaNamespaceKey(missing.Key)
		g <- name
	}
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// freePort is one that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
