package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/apis/example"
	"k8s.io/apiserver/pkg/features"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/etcd3"
	storagetesting "k8s.io/apiserver/pkg/storage/testing"
	"k8s.io/apiserver/pkg/storage/value/encrypt/identity"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
)

var errSynthetic = errors.New("synthetic error")

// failingCodec fails to decode when told to.
type failingCodec struct {
	runtime.Codec
	fail atomic.Bool
}

func (c *failingCodec) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	if c.fail.Load() {
		return nil, nil, errSynthetic
	}
	return c.Codec.Decode(data, defaults, into)
}

// checkStored checks that what is stored has no resource version of its own.
func (d *stand) checkStored(ctx context.Context, t *testing.T, key string) {
	r, err := d.store.client.KV.Get(ctx, key)
	if err != nil || len(r.Kvs) != 1 {
		t.Fatalf("%s: got %v, %v", key, r, err)
	}
	obj, err := runtime.Decode(d.codec, r.Kvs[0].Value[len(testPrefix):])
	if err != nil {
		t.Fatal(err)
	}
	if pod := obj.(*example.Pod); pod.ResourceVersion != "" {
		t.Errorf("stored with resource version %q", pod.ResourceVersion)
	}
}

func unchecked(*testing.T, uint64, uint64) {}

// checkReads checks that a page that is not full makes the next one twice as large, as upstream promises.
func (d *stand) checkReads(t *testing.T, page, objects uint64) {
	if reads := d.transformer.prefix().GetReadsAndReset(); reads != objects {
		t.Errorf("%d objects were read, want %d", reads, objects)
	}
	calls := uint64(1)
	for sum, limit := uint64(1), page; page != 0 && sum < objects; calls++ {
		limit = min(2*limit, 10000)
		sum += limit
	}
	if got := d.lists.n.Swap(0) + d.reads.GetStreamReadsAndReset(); got != calls {
		t.Errorf("%d reads, want %d", got, calls)
	}
}

type storeTest struct {
	name string
	run  func(ctx context.Context, t *testing.T, d *stand)
	// serial tests set features, or are in a hurry.
	serial bool
	variant
}

// plain adapts upstream's tests that need nothing but the storage.
func plain(run func(context.Context, *testing.T, storage.Interface)) func(context.Context, *testing.T, *stand) {
	return func(ctx context.Context, t *testing.T, d *stand) { run(ctx, t, d) }
}

// storeTests are those that both layers have to pass.
func storeTests() []storeTest {
	indexed := variant{indexed: true}
	return []storeTest{
		{name: "CreateWithTTL", run: plain(storagetesting.RunTestCreateWithTTL), variant: variant{shortLeases: true}},
		{name: "CreateWithKeyExist", run: plain(storagetesting.RunTestCreateWithKeyExist)},
		{name: "Get", run: plain(storagetesting.RunTestGet), serial: true},
		{name: "UnconditionalDelete", run: plain(storagetesting.RunTestUnconditionalDelete)},
		{name: "ConditionalDelete", run: plain(storagetesting.RunTestConditionalDelete)},
		{name: "DeleteWithSuggestion", run: plain(storagetesting.RunTestDeleteWithSuggestion)},
		{name: "DeleteWithSuggestionAndConflict", run: plain(storagetesting.RunTestDeleteWithSuggestionAndConflict)},
		{name: "DeleteWithSuggestionOfDeletedObject", run: plain(storagetesting.RunTestDeleteWithSuggestionOfDeletedObject)},
		{name: "ValidateDeletionWithSuggestion", run: plain(storagetesting.RunTestValidateDeletionWithSuggestion)},
		{name: "ValidateDeletionWithOnlySuggestionValid", run: plain(storagetesting.RunTestValidateDeletionWithOnlySuggestionValid)},
		{name: "DeleteWithConflict", run: plain(storagetesting.RunTestDeleteWithConflict)},
		{name: "PreconditionalDeleteWithSuggestion", run: plain(storagetesting.RunTestPreconditionalDeleteWithSuggestion)},
		{name: "PreconditionalDeleteWithSuggestionPass", run: plain(storagetesting.RunTestPreconditionalDeleteWithOnlySuggestionPass)},
		{name: "ListPaging", run: plain(storagetesting.RunTestListPaging)},
		{name: "GetListRecursivePrefix", run: plain(storagetesting.RunTestGetListRecursivePrefix)},
		{name: "KeySchema", run: plain(storagetesting.RunTestKeySchema)},
		{name: "NamespaceScopedList", run: plain(storagetesting.RunTestNamespaceScopedList), variant: indexed},
		{name: "GuaranteedUpdateWithTTL", run: plain(storagetesting.RunTestGuaranteedUpdateWithTTL), variant: variant{shortLeases: true}},
		{name: "GuaranteedUpdateWithConflict", run: plain(storagetesting.RunTestGuaranteedUpdateWithConflict)},
		{name: "GuaranteedUpdateWithSuggestionAndConflict", run: plain(storagetesting.RunTestGuaranteedUpdateWithSuggestionAndConflict)},
		{name: "GetListNonRecursive", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestGetListNonRecursive(ctx, t, d.increaseRevision, d)
		}},
	}
}

// rawTests are those of the etcd3 storage alone.
func rawTests() []storeTest {
	return append(storeTests(), []storeTest{
		{name: "Create", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestCreate(ctx, t, d, d.checkStored)
		}},
		{name: "ListContinuation", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListContinuation(ctx, t, d, d.checkReads)
		}},
		{name: "ListPaginationRareObject", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListPaginationRareObject(ctx, t, d, d.checkReads)
		}},
		{name: "ListContinuationWithFilter", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListContinuationWithFilter(ctx, t, d, d.checkReads)
		}},
		{name: "ListInconsistentContinuation", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListInconsistentContinuation(ctx, t, d, d.compact)
		}},
		{name: "ListResourceVersionMatch", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListResourceVersionMatch(ctx, t, d)
		}},
		{name: "GuaranteedUpdate", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestGuaranteedUpdate(ctx, t, d, d.checkStored)
		}},
		{name: "GuaranteedUpdateChecksStoredData", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestGuaranteedUpdateChecksStoredData(ctx, t, d)
		}},
		{name: "TransformationFailure", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestTransformationFailure(ctx, t, d)
		}},
		{name: "CompactRevision", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestCompactRevision(ctx, t, d, d.increaseRevision, d.compact)
		}},
		{name: "Stats", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestStats(ctx, t, d, d.codec, d.transformer, false)
		}},
	}...)
}

// cachedTests are those of the watch cache alone.
func cachedTests() []storeTest {
	return append(storeTests(), []storeTest{
		{name: "Create", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestCreate(ctx, t, d, func(context.Context, *testing.T, string) {})
		}},
		{name: "ListContinuation", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListContinuation(ctx, t, d, unchecked)
		}},
		{name: "ListPaginationRareObject", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListPaginationRareObject(ctx, t, d, unchecked)
		}},
		{name: "ListContinuationWithFilter", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestListContinuationWithFilter(ctx, t, d, unchecked)
		}},
	}...)
}

// layers are what upstream tests: its etcd3 storage alone, and with its watch cache.
func layers() map[string]layer { return map[string]layer{"raw": raw, "cached": cached} }

// testsOf returns all tests of a layer.
func testsOf(name string) []storeTest {
	if name == "raw" {
		return append(rawTests(), rawWatchTests()...)
	}
	return append(cachedTests(), cachedWatchTests()...)
}

// TestConformance has the tests that can run side by side.
func TestConformance(t *testing.T) {
	t.Parallel()
	conform(t, false)
}

// TestConformanceInTurn has those that cannot.
func TestConformanceInTurn(t *testing.T) { conform(t, true) }

func conform(t *testing.T, serial bool) {
	for name, over := range layers() {
		t.Run(name, func(t *testing.T) {
			if !serial {
				t.Parallel()
			}
			onBackends(t, func(t *testing.T, open func(testing.TB) *Store) {
				if !serial {
					t.Parallel()
				}
				for _, test := range testsOf(name) {
					if test.serial != serial {
						continue
					}
					t.Run(test.name, func(t *testing.T) {
						if !serial {
							t.Parallel()
						}
						test.run(t.Context(), t, newStand(t, open(t), over, test.variant))
					})
				}
			})
		})
	}
}

// switches are the states of a feature to test: both on one backend, to save time.
func switches(t *testing.T) []bool {
	if strings.HasSuffix(t.Name(), Memory) {
		return []bool{true}
	}
	return []bool{false, true}
}

// TestConformanceUnderFeatures has the tests that upstream runs with features on and off.
func TestConformanceUnderFeatures(t *testing.T) {
	onBackends(t, func(t *testing.T, open func(testing.TB) *Store) {
		for _, on := range switches(t) {
			t.Run(fmt.Sprintf("raw/EtcdRangeStream=%v", on), func(t *testing.T) {
				featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.EtcdRangeStream, on)
				t.Run("List", func(t *testing.T) {
					d := newStand(t, open(t), raw, variant{})
					storagetesting.RunTestList(t.Context(), t, d, d.compact, false, d.recorder)
					if streamed := d.reads.GetStreamReadsAndReset() > 0; streamed != on {
						t.Errorf("lists were streamed: %v, want %v", streamed, on)
					}
				})
				t.Run("ConsistentList", func(t *testing.T) {
					d := newStand(t, open(t), raw, variant{})
					storagetesting.RunTestConsistentList(t.Context(), t, d, d.increaseRevision, false, true, false)
				})
			})
			t.Run(fmt.Sprintf("cached/ListFromCacheSnapshot=%v", on), func(t *testing.T) {
				featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.ListFromCacheSnapshot, on)
				t.Run("List", func(t *testing.T) {
					d := newStand(t, open(t), cached, variant{})
					storagetesting.RunTestList(t.Context(), t, d, d.compact, true, d.recorder)
				})
				t.Run("ConsistentList", func(t *testing.T) {
					d := newStand(t, open(t), cached, variant{})
					storagetesting.RunTestConsistentList(t.Context(), t, d, d.increaseRevision, true, true, on)
				})
			})
			t.Run(fmt.Sprintf("cached/SizeBasedListCostEstimate=%v", on), func(t *testing.T) {
				featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.SizeBasedListCostEstimate, on)
				d := newStand(t, open(t), cached, variant{})
				storagetesting.RunTestStats(t.Context(), t, d, d.codec, d.transformer, on)
			})
		}
	})
}

// TestConformanceOfCorruptObjects has the tests of deletion of what cannot be read.
func TestConformanceOfCorruptObjects(t *testing.T) {
	featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.AllowUnsafeMalformedObjectDeletion, true)
	onBackends(t, func(t *testing.T, open func(testing.TB) *Store) {
		for name, over := range layers() {
			t.Run(name, func(t *testing.T) {
				t.Run("MissingExpectedError", func(t *testing.T) {
					d := newStand(t, open(t), over, variant{transformer: identity.NewEncryptCheckTransformer()})
					storagetesting.RunTestDeleteWithConflictAndMissingExpectedTransformOrDecodeError(t.Context(), t, d, d.transformer.fail.Store)
				})
				t.Run("TransformError", func(t *testing.T) {
					d := newStand(t, open(t), over, variant{transformer: identity.NewEncryptCheckTransformer()})
					storagetesting.RunTestDeleteExpectedTransformOrDecodeError(t.Context(), t, d, d.transformer.fail.Store)
				})
				t.Run("DecodeError", func(t *testing.T) {
					etcd3.TestOnlySetFatalOnDecodeError(t, false)
					codec := &failingCodec{}
					d := newStand(t, open(t), over, variant{codec: codec})
					storagetesting.RunTestDeleteExpectedTransformOrDecodeError(t.Context(), t, d, codec.fail.Store)
				})
				t.Run("MissingExpectedErrorWithSuggestion", func(t *testing.T) {
					d := newStand(t, open(t), over, variant{})
					storagetesting.RunTestDeleteWithSuggestionAndMissingExpectedTransformOrDecodeError(t.Context(), t, d)
				})
			})
		}
	})
}
