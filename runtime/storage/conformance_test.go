package storage

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apimachinery/pkg/api/apitesting"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/apis/example"
	examplev1 "k8s.io/apiserver/pkg/apis/example/v1"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/etcd3"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	storagetesting "k8s.io/apiserver/pkg/storage/testing"
	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/client-go/tools/cache"
)

// The tests in conformance_*_test.go are those that upstream runs on its etcd3 storage (etcd3/store_test.go,
// etcd3/watcher_test.go) and on its watch cache (cacher/cacher_test.go), on both backends.

// stand is a storage under test.
type stand struct {
	storage.Interface
	store       *Store
	codec       runtime.Codec
	transformer *changeable
	recorder    *storagetesting.KubernetesRecorder
	reads       *storagetesting.KVRecorder
	lists       *listCounter
}

// listCounter counts the lists that go straight to the store.
type listCounter struct {
	kubernetes.Interface
	n atomic.Uint64
}

func (c *listCounter) List(ctx context.Context, prefix string, opts kubernetes.ListOptions) (kubernetes.ListResponse, error) {
	c.n.Add(1)
	return c.Interface.List(ctx, prefix, opts)
}

// variant is what differs between the storages that one test wants.
type variant struct {
	codec         runtime.Codec
	transformer   value.Transformer
	clusterScoped bool
	indexed       bool
	shortLeases   bool
	prefix        string
}

// layer makes the storage of pods over a store: raw or cached.
type layer func(t testing.TB, s *Store, v variant) storage.Interface

// onBackends runs test on both backends.
func onBackends(t *testing.T, test func(t *testing.T, open func(testing.TB) *Store)) {
	t.Helper()
	t.Run(Memory, func(t *testing.T) {
		test(t, func(t testing.TB) *Store { return openFor(t, Options{Backend: Memory, Compaction: -1, first: 1}) })
	})
	t.Run(SQLite, func(t *testing.T) {
		test(t, func(t testing.TB) *Store {
			return openFor(t, Options{Path: filepath.Join(t.TempDir(), "data.db"), Compaction: -1, first: 1})
		})
	})
}

func openFor(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newStand sets up a storage as upstream's tests do.
func newStand(t testing.TB, s *Store, over layer, v variant) *stand {
	t.Helper()
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, metav1.SchemeGroupVersion)
	utilruntime.Must(example.AddToScheme(scheme))
	utilruntime.Must(examplev1.AddToScheme(scheme))
	codec := apitesting.TestCodec(serializer.NewCodecFactory(scheme), examplev1.SchemeGroupVersion)
	if v.codec == nil {
		v.codec = codec
	}
	if c, ok := v.codec.(*failingCodec); ok {
		c.Codec = codec
	}
	d := &stand{store: s, codec: v.codec, transformer: &changeable{}}
	d.transformer.set(v.transformer)
	if v.transformer == nil {
		d.transformer.set(storagetesting.NewPrefixTransformer([]byte(testPrefix), false))
	}
	v.transformer = d.transformer
	d.recorder = storagetesting.NewKubernetesRecorder(s.client.Kubernetes)
	d.reads = storagetesting.NewKVRecorder(s.client.KV, d.recorder)
	d.lists = &listCounter{Interface: d.recorder}
	s.client.Kubernetes, s.client.KV = d.lists, d.reads
	d.Interface = over(t, s, v)
	return d
}

const testPrefix = "test!"

func resourceConfig(v variant) *storagebackend.ConfigForResource {
	leases := etcd3.NewDefaultLeaseManagerConfig()
	if v.shortLeases {
		leases.ReuseDurationSeconds = 1 // keys end soon after their time to live, which upstream's tests wait for
	}
	return &storagebackend.ConfigForResource{
		Config:        storagebackend.Config{Prefix: v.prefix, Codec: v.codec, Transformer: v.transformer, LeaseManagerConfig: leases},
		GroupResource: schema.GroupResource{Resource: "pods"},
	}
}

// raw is upstream's etcd3 storage.
func raw(t testing.TB, s *Store, v variant) storage.Interface {
	c := resourceConfig(v)
	versioner := storage.APIObjectVersioner{}
	i, err := etcd3.New(s.client, s.compactor, c.Codec, newPod, newPodList, c.Prefix, "/pods/", c.GroupResource, c.Transformer,
		c.LeaseManagerConfig, etcd3.NewDefaultDecoder(c.Codec, versioner), versioner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

// cached is what Decorator makes.
func cached(t testing.TB, s *Store, v variant) storage.Interface {
	v.prefix = "/registry"
	keyFunc := func(obj runtime.Object) (string, error) { return storage.NamespaceKeyFunc("/pods/", obj) }
	if v.clusterScoped {
		keyFunc = func(obj runtime.Object) (string, error) { return storage.NoNamespaceKeyFunc("/pods/", obj) }
	}
	var triggers storage.IndexerFuncs
	var indexers cache.Indexers
	if v.indexed {
		triggers = storage.IndexerFuncs{"spec.nodeName": func(obj runtime.Object) string { return obj.(*example.Pod).Spec.NodeName }}
		indexers = cache.Indexers{
			"f:spec.nodeName":      func(obj any) ([]string, error) { return []string{obj.(*example.Pod).Spec.NodeName}, nil },
			"f:metadata.namespace": func(obj any) ([]string, error) { return []string{obj.(*example.Pod).Namespace}, nil },
		}
	}
	i, destroy, err := s.Decorator()(resourceConfig(v), "/pods/", keyFunc, newPod, newPodList, podAttributes, triggers, &indexers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(destroy)
	if err := s.WaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	return i
}

func newPod() runtime.Object     { return &example.Pod{} }
func newPodList() runtime.Object { return &example.PodList{} }

func podAttributes(obj runtime.Object) (labels.Set, fields.Set, error) {
	pod := obj.(*example.Pod)
	return pod.Labels, fields.Set{
		"spec.nodeName":      pod.Spec.NodeName,
		"spec.restartPolicy": string(pod.Spec.RestartPolicy),
		"status.phase":       string(pod.Status.Phase),
		"metadata.name":      pod.Name,
		"metadata.namespace": pod.Namespace,
	}, nil
}

// changeable is a transformer that tests replace while the storage runs.
type changeable struct {
	now  atomic.Pointer[value.Transformer]
	fail atomic.Bool
}

func (c *changeable) set(t value.Transformer) { c.now.Store(&t) }
func (c *changeable) get() value.Transformer  { return *c.now.Load() }
func (c *changeable) prefix() *storagetesting.PrefixTransformer {
	return c.get().(*storagetesting.PrefixTransformer)
}

func (c *changeable) TransformFromStorage(ctx context.Context, data []byte, at value.Context) ([]byte, bool, error) {
	if c.fail.Load() {
		return nil, false, errSynthetic
	}
	return c.get().TransformFromStorage(ctx, data, at)
}

func (c *changeable) TransformToStorage(ctx context.Context, data []byte, at value.Context) ([]byte, error) {
	return c.get().TransformToStorage(ctx, data, at)
}

// UpdatePrefixTransformer implements storagetesting.InterfaceWithPrefixTransformer.
func (d *stand) UpdatePrefixTransformer(modify storagetesting.PrefixTransformerModifier) func() {
	before := d.transformer.prefix()
	changed := *before
	d.transformer.set(modify(&changed))
	return func() { d.transformer.set(before) }
}

// UpdateTransformer implements storagetesting.InterfaceWithTransformerOverride.
func (d *stand) UpdateTransformer(modify storagetesting.TransformerModifier) func() {
	before := d.transformer.get()
	d.transformer.set(modify(before))
	return func() { d.transformer.set(before) }
}

// increaseRevision changes something that is no pod.
func (d *stand) increaseRevision(ctx context.Context, t *testing.T) int64 {
	r, err := d.store.client.KV.Put(ctx, "increaseRV", "ok")
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Revision
}

// compact drops history below a resource version, in the store and in the watch cache if there is one.
func (d *stand) compact(ctx context.Context, t *testing.T, resourceVersion string) {
	revision, err := storage.APIObjectVersioner{}.ParseResourceVersion(resourceVersion)
	if err != nil {
		t.Fatal(err)
	}
	// Upstream's own, which writes the key that compactors of several servers agree by: the tests count on it. Its
	// first call only learns the version of that key.
	version, _, _, err := etcd3.Compact(ctx, d.store.client.Client, 0, int64(revision))
	if err != nil {
		_, _, _, err = etcd3.Compact(ctx, d.store.client.Client, version, int64(revision))
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := d.Interface.(*resource); ok {
		if err := r.cache.Compact(resourceVersion); err != nil {
			t.Fatal(err)
		}
	}
}

// compactAnew drops history as a restart after a compaction does: the watch cache starts with nothing but the store.
func (d *stand) compactAnew(over layer, v variant) storagetesting.Compaction {
	return func(ctx context.Context, t *testing.T, resourceVersion string) {
		d.compact(ctx, t, resourceVersion)
		v.codec, v.transformer = d.codec, d.transformer
		d.Interface = over(t, d.store, v)
	}
}

// seen is a storage whose Create returns once the watch cache has the object. It looks for it seldom, as upstream's
// does: tests that write as fast as this store can make the cache give up on watchers that have had no turn yet.
type seen struct {
	storage.Interface
}

func (s *seen) Create(ctx context.Context, key string, obj, out runtime.Object, ttl uint64) error {
	if err := s.Interface.Create(ctx, key, obj, out, ttl); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, 25*time.Millisecond, wait.ForeverTestTimeout, true, func(ctx context.Context) (bool, error) {
		now := newPod()
		err := s.Get(ctx, key, storage.GetOptions{ResourceVersion: "0"}, now)
		if storage.IsNotFound(err) {
			return false, nil
		}
		return apiequality.Semantic.DeepEqual(now, out), err
	})
}
