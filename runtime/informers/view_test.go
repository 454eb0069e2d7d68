package informers

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/informers/internalinterfaces"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Two schedulers each add an index of the same name to the informer that they share.
func TestAnIndexIsAddedOnce(t *testing.T) {
	factory := Share(clientinformers.NewSharedInformerFactory(nil, 0), nil,
		func(_ runtime.Object, upstream internalinterfaces.NewInformerFunc) internalinterfaces.NewInformerFunc {
			return upstream
		})
	newInformer := func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer {
		return cache.NewSharedIndexInformer(&cache.ListWatch{}, &corev1.Pod{}, 0, cache.Indexers{})
	}
	by := func(key string) cache.IndexFunc {
		return func(object any) ([]string, error) { return []string{object.(*corev1.Pod).Labels[key]}, nil }
	}
	first := factory.view().InformerFor(&corev1.Pod{}, newInformer)
	if err := first.AddIndexers(cache.Indexers{"app": by("app")}); err != nil {
		t.Fatal(err)
	}
	second := factory.view().InformerFor(&corev1.Pod{}, newInformer)
	if err := second.AddIndexers(cache.Indexers{"app": by("app"), "tier": by("tier")}); err != nil {
		t.Fatal(err)
	}
	pod := &corev1.Pod{}
	pod.Name, pod.Labels = "a", map[string]string{"app": "shop", "tier": "front"}
	if err := first.GetIndexer().Add(pod); err != nil {
		t.Fatal(err)
	}
	for name, value := range pod.Labels {
		if found, err := second.GetIndexer().ByIndex(name, value); err != nil || len(found) != 1 {
			t.Errorf("by %s=%s: %v, %v", name, value, found, err)
		}
	}
}
