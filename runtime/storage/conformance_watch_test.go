package storage

import (
	"context"
	"fmt"
	"testing"

	"k8s.io/apiserver/pkg/features"
	storagetesting "k8s.io/apiserver/pkg/storage/testing"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	featuregatetesting "k8s.io/component-base/featuregate/testing"
)

// watchTests are those that both layers have to pass.
func watchTests(over layer, bookmarks bool) []storeTest {
	onCluster := variant{clusterScoped: true, indexed: true}
	return []storeTest{
		{name: "Watch", run: plain(storagetesting.RunTestWatch)},
		{name: "ClusterScopedWatch", run: plain(storagetesting.RunTestClusterScopedWatch), variant: onCluster},
		{name: "NamespaceScopedWatch", run: plain(storagetesting.RunTestNamespaceScopedWatch), variant: variant{indexed: true}},
		{name: "DeleteTriggerWatch", run: plain(storagetesting.RunTestDeleteTriggerWatch)},
		{name: "WatchFromNonZero", run: plain(storagetesting.RunTestWatchFromNonZero)},
		{name: "DelayedWatchDelivery", serial: true, run: plain(storagetesting.RunTestDelayedWatchDelivery)},
		{name: "WatcherTimeout", run: plain(storagetesting.RunTestWatcherTimeout)},
		{name: "WatchDeleteEventObjectHaveLatestRV", run: plain(storagetesting.RunTestWatchDeleteEventObjectHaveLatestRV)},
		{name: "WatchInitializationSignal", run: plain(storagetesting.RunTestWatchInitializationSignal)},
		{name: "SendInitialEventsBackwardCompatibility", serial: true, run: plain(storagetesting.RunSendInitialEventsBackwardCompatibility)},
		{name: "WatchFromZero", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestWatchFromZero(ctx, t, d, d.compactAnew(over, variant{}))
		}},
		{name: "WatchDispatchBookmarkEvents", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunTestWatchDispatchBookmarkEvents(ctx, t, d, bookmarks)
		}},
	}
}

func rawWatchTests() []storeTest {
	return append(watchTests(raw, false), []storeTest{
		{name: "WatchContextCancel", run: plain(storagetesting.RunTestWatchContextCancel)},
		{name: "WatchError", run: func(ctx context.Context, t *testing.T, d *stand) { storagetesting.RunTestWatchError(ctx, t, d) }},
		{name: "WatchErrorIsBlockingFurtherEvents", run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunWatchErrorIsBlockingFurtherEvents(ctx, t, d)
		}},
	}...)
}

func cachedWatchTests() []storeTest {
	return append(watchTests(cached, true), []storeTest{
		{name: "WatchBookmarksWithCorrectResourceVersion", run: plain(storagetesting.RunTestOptionalWatchBookmarksWithCorrectResourceVersion)},
		{name: "WatchSemantics", serial: true, run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunWatchSemantics(ctx, t, &seen{d})
		}},
		{name: "WatchSemanticInitialEventsExtended", serial: true, run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunWatchSemanticInitialEventsExtended(ctx, t, &seen{d})
		}},
		{name: "WatchListMatchSingle", serial: true, run: func(ctx context.Context, t *testing.T, d *stand) {
			storagetesting.RunWatchListMatchSingle(ctx, t, &seen{d})
		}},
	}...)
}

// TestConformanceOfWatchLists has the watch tests that upstream runs with features on and off.
func TestConformanceOfWatchLists(t *testing.T) {
	onBackends(t, func(t *testing.T, open func(testing.TB) *Store) {
		for _, on := range switches(t) {
			t.Run(fmt.Sprintf("EtcdRangeStream=%v,ConcurrentWatchObjectDecode=%v", on, on), func(t *testing.T) {
				featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.EtcdRangeStream, on)
				featuregatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.ConcurrentWatchObjectDecode, on)
				for name, run := range map[string]func(context.Context, *testing.T, *stand){
					"WatchSemantics":                     plain(storagetesting.RunWatchSemantics),
					"WatchSemanticInitialEventsExtended": plain(storagetesting.RunWatchSemanticInitialEventsExtended),
					"WatchListMatchSingle":               plain(storagetesting.RunWatchListMatchSingle),
				} {
					t.Run(name, func(t *testing.T) { run(t.Context(), t, newStand(t, open(t), raw, variant{})) })
				}
			})
		}
	})
}
