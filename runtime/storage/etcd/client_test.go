package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/kubecraft/kubecraft/runtime/storage/etcd"
	"github.com/kubecraft/kubecraft/runtime/storage/etcd/v3rpc"
	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// eachClient runs a test over the client in this process, and over one that dials the same store.
func eachClient(t *testing.T, test func(t *testing.T, c *kubernetes.Client, s *mvcc.Store)) {
	t.Run("in process", func(t *testing.T) {
		s := newStore(t)
		test(t, etcd.NewClient(s), s)
	})
	t.Run("dialled", func(t *testing.T) {
		s := newStore(t)
		test(t, dial(t, s), s)
	})
}

func newStore(t *testing.T) *mvcc.Store {
	s := mvcc.NewBuilder(1, 0).Open(mvcc.Options{})
	t.Cleanup(s.Close)
	return s
}

// dial serves s on a unix socket and connects to it.
func dial(t *testing.T, s *mvcc.Store) *kubernetes.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "etcd") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := v3rpc.New(s, v3rpc.Options{Size: func() (int64, error) { return 42, nil }})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	c, err := kubernetes.New(clientv3.Config{Endpoints: []string{"unix://" + socket}, DialTimeout: 10 * time.Second, Logger: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return c
}

func mustPut(t *testing.T, c *kubernetes.Client, key, value string, opts ...clientv3.OpOption) int64 {
	t.Helper()
	r, err := c.KV.Put(t.Context(), key, value, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Revision
}

func text(r *clientv3.GetResponse) string {
	out := fmt.Sprintf("%d/%d %v", len(r.Kvs), r.Count, r.More)
	for _, kv := range r.Kvs {
		out += fmt.Sprintf(" %s=%s", kv.Key, kv.Value)
	}
	return out
}

func TestGet(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, _ *mvcc.Store) {
		mustPut(t, c, "/a/1", "x")
		past := mustPut(t, c, "/a/2", "z")
		mustPut(t, c, "/a/3", "y")
		mustPut(t, c, "/b", "w")
		prefix := clientv3.WithPrefix()
		for want, opts := range map[string][]clientv3.OpOption{
			"3/3 false /a/1=x /a/2=z /a/3=y":      {prefix},
			"2/3 true /a/1=x /a/2=z":              {prefix, clientv3.WithLimit(2)},
			"2/3 true /a/2=z /a/3=y":              {prefix, clientv3.WithLimit(2), clientv3.WithSort(clientv3.SortByValue, clientv3.SortDescend)},
			"1/3 true /a/3=y":                     {prefix, clientv3.WithLimit(1), clientv3.WithSort(clientv3.SortByKey, clientv3.SortDescend)},
			"2/2 false /a/1=x /a/2=z":             {prefix, clientv3.WithRev(past)},
			"0/3 false":                           {prefix, clientv3.WithCountOnly()},
			"3/3 false /a/1= /a/2= /a/3=":         {prefix, clientv3.WithKeysOnly()},
			"1/3 false /a/3=y":                    {prefix, clientv3.WithMinModRev(past + 1)},
			"4/4 false /a/1=x /a/2=z /a/3=y /b=w": {clientv3.WithFromKey()},
			"0/0 false":                           nil,
		} {
			r, err := c.KV.Get(t.Context(), "/a/", opts...)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(r); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			stream, err := c.KV.GetStream(t.Context(), "/a/", opts...)
			if err != nil {
				t.Fatal(err)
			}
			if r, err = clientv3.GetStreamToGetResponse(stream); err != nil || text(r) != want {
				t.Errorf("streamed: got %s, %v, want %s", text(r), err, want)
			}
		}
	})
}

func TestTxn(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, _ *mvcc.Store) {
		mustPut(t, c, "a", "1")
		r, err := c.KV.Txn(t.Context()).
			If(clientv3.Compare(clientv3.Value("a"), "=", "1"), clientv3.Compare(clientv3.CreateRevision("b"), "=", 0)).
			Then(clientv3.OpPut("b", "2"), clientv3.OpPut("c", "3"), clientv3.OpGet("", clientv3.WithPrefix()), clientv3.OpDelete("a", clientv3.WithPrevKV())).
			Commit()
		if err != nil || !r.Succeeded || r.Header.Revision != 3 {
			t.Fatalf("got %v, %v", r, err)
		}
		if got := text((*clientv3.GetResponse)(r.Responses[2].GetResponseRange())); got != "3/3 false a=1 b=2 c=3" {
			t.Errorf("inside: %s", got)
		}
		if prev := r.Responses[3].GetResponseDeleteRange().PrevKvs; len(prev) != 1 || string(prev[0].Value) != "1" {
			t.Errorf("deleted: %v", prev)
		}
		r, err = c.KV.Txn(t.Context()).
			If(clientv3.Compare(clientv3.Version("b"), ">", 1)).
			Then(clientv3.OpDelete("b")).
			Else(clientv3.OpGet("b"), clientv3.OpTxn(nil, []clientv3.Op{clientv3.OpPut("d", "4")}, nil)).
			Commit()
		if err != nil || r.Succeeded || string(r.Responses[0].GetResponseRange().Kvs[0].Value) != "2" || r.Header.Revision != 4 {
			t.Errorf("got %v, %v", r, err)
		}
		if _, err := c.KV.Txn(t.Context()).Then(clientv3.OpPut("e", "1"), clientv3.OpPut("e", "2")).Commit(); !errors.Is(err, rpctypes.ErrDuplicateKey) {
			t.Errorf("twice the same key: %v", err)
		}
		if _, err := c.KV.Txn(t.Context()).Then(clientv3.OpPut("e", "1"), clientv3.OpDelete("", clientv3.WithPrefix())).Commit(); !errors.Is(err, rpctypes.ErrDuplicateKey) {
			t.Errorf("put and deleted: %v", err)
		}
	})
}

func TestErrorsAreThoseOfEtcd(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, _ *mvcc.Store) {
		revision := mustPut(t, c, "a", "1")
		mustPut(t, c, "a", "2")
		if _, err := c.KV.Compact(t.Context(), revision+1); err != nil {
			t.Fatal(err)
		}
		// Upstream compares these with ==.
		if _, err := c.Kubernetes.Get(t.Context(), "a", kubernetes.GetOptions{Revision: revision}); err != rpctypes.ErrCompacted {
			t.Errorf("get: %v", err)
		}
		if _, err := c.Kubernetes.List(t.Context(), "a", kubernetes.ListOptions{Revision: 99}); err != rpctypes.ErrFutureRev {
			t.Errorf("list: %v", err)
		}
		if _, err := c.KV.Get(t.Context(), "a", clientv3.WithRev(revision)); !errors.Is(err, rpctypes.ErrCompacted) {
			t.Errorf("kv: %v", err)
		}
		w := <-c.Watch(t.Context(), "a", clientv3.WithRev(revision))
		if w.Err() != rpctypes.ErrCompacted || w.CompactRevision != revision+1 || !w.Canceled {
			t.Errorf("watch: %+v", w)
		}
		if _, err := c.KV.Put(t.Context(), "", "1"); !errors.Is(err, rpctypes.ErrEmptyKey) {
			t.Errorf("empty key: %v", err)
		}
		if _, err := c.KV.Put(t.Context(), "b", "1", clientv3.WithLease(99)); !errors.Is(err, rpctypes.ErrLeaseNotFound) {
			t.Errorf("no lease: %v", err)
		}
		if _, err := c.KV.Put(t.Context(), "b", "", clientv3.WithIgnoreValue()); !errors.Is(err, rpctypes.ErrKeyNotFound) {
			t.Errorf("no value to keep: %v", err)
		}
	})
}

func TestOptimisticWrites(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, _ *mvcc.Store) {
		p, err := c.Kubernetes.OptimisticPut(t.Context(), "a", []byte("1"), 0, kubernetes.PutOptions{})
		if err != nil || !p.Succeeded || p.Revision != 2 {
			t.Fatalf("create: %+v, %v", p, err)
		}
		p, err = c.Kubernetes.OptimisticPut(t.Context(), "a", []byte("2"), 0, kubernetes.PutOptions{GetOnFailure: true})
		if err != nil || p.Succeeded || string(p.KV.Value) != "1" {
			t.Errorf("conflict: %+v, %v", p, err)
		}
		d, err := c.Kubernetes.OptimisticDelete(t.Context(), "a", 7, kubernetes.DeleteOptions{GetOnFailure: true})
		if err != nil || d.Succeeded || string(d.KV.Value) != "1" {
			t.Errorf("conflict: %+v, %v", d, err)
		}
		d, err = c.Kubernetes.OptimisticDelete(t.Context(), "a", 2, kubernetes.DeleteOptions{})
		if n, countErr := c.Kubernetes.Count(t.Context(), "a", kubernetes.CountOptions{}); err != nil || !d.Succeeded || n != 0 || countErr != nil {
			t.Errorf("delete: %+v, %v; %d left, %v", d, err, n, countErr)
		}
	})
}

func TestLeases(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, s *mvcc.Store) {
		grant, err := c.Grant(t.Context(), 3600)
		if err != nil {
			t.Fatal(err)
		}
		mustPut(t, c, "a", "1", clientv3.WithLease(grant.ID))
		ttl, err := c.TimeToLive(t.Context(), grant.ID, clientv3.WithAttachedKeys())
		if err != nil || ttl.GrantedTTL != 3600 || ttl.TTL < 3590 || len(ttl.Keys) != 1 {
			t.Errorf("got %+v, %v", ttl, err)
		}
		all, err := c.Leases(t.Context())
		if err != nil || len(all.Leases) != 1 || all.Leases[0].ID != grant.ID {
			t.Errorf("got %+v, %v", all, err)
		}
		alive, err := c.KeepAlive(t.Context(), grant.ID)
		if err != nil || (<-alive).TTL != 3600 {
			t.Errorf("keep alive: %v", err)
		}
		if _, err := c.Revoke(t.Context(), grant.ID); err != nil {
			t.Fatal(err)
		}
		if kv, _, err := s.Get("a", 0); kv != nil || err != nil {
			t.Errorf("left: %v, %v", kv, err)
		}
		if ttl, err := c.TimeToLive(t.Context(), grant.ID); err != nil || ttl.TTL != -1 {
			t.Errorf("gone: %+v, %v", ttl, err)
		}
	})
}

func TestWatchOptions(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, s *mvcc.Store) {
		deletes := c.Watch(t.Context(), "/", clientv3.WithPrefix(), clientv3.WithFilterPut(), clientv3.WithPrevKV(), clientv3.WithCreatedNotify())
		progress := c.Watch(t.Context(), "/other", clientv3.WithProgressNotify())
		if r := <-deletes; !r.Created {
			t.Errorf("got %+v", r)
		}
		mustPut(t, c, "/a", "1")
		if _, err := c.KV.Delete(t.Context(), "/a"); err != nil {
			t.Fatal(err)
		}
		r := <-deletes
		if len(r.Events) != 1 || r.Events[0].Type != clientv3.EventTypeDelete || string(r.Events[0].PrevKv.Value) != "1" {
			t.Errorf("got %+v", r)
		}
		if err := c.RequestProgress(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := <-progress; !r.IsProgressNotify() || r.Header.Revision != s.Revision() {
			t.Errorf("got %+v", r)
		}
	})
}

func TestWatchesTogether(t *testing.T) {
	eachClient(t, func(t *testing.T, c *kubernetes.Client, s *mvcc.Store) {
		past := mustPut(t, c, "/a/0", "1")
		for i := range 1500 {
			mustPut(t, c, fmt.Sprintf("/a/%d", i), "2")
		}
		ctx, cancel := context.WithCancel(t.Context())
		all := c.Watch(t.Context(), "/a/", clientv3.WithPrefix(), clientv3.WithRev(past), clientv3.WithProgressNotify())
		one := c.Watch(ctx, "/a/7", clientv3.WithRev(past))
		if r := <-one; len(r.Events) != 1 || !r.Events[0].IsCreate() {
			t.Errorf("got %+v", r)
		}
		cancel()
		for r := range one {
			t.Errorf("after the end: %+v", r)
		}
		seen := 0
		for seen < 1501 {
			r := <-all
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			seen += len(r.Events)
		}
		if err := c.RequestProgress(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := <-all; !r.IsProgressNotify() || r.Header.Revision != s.Revision() {
			t.Errorf("got %+v", r)
		}
		mustPut(t, c, "/a/x", "3")
		for r := range all {
			if len(r.Events) == 1 && string(r.Events[0].Kv.Key) == "/a/x" {
				break
			}
			if !r.IsProgressNotify() {
				t.Fatalf("got %+v", r)
			}
		}
		got, err := c.KV.Get(t.Context(), "/a/", clientv3.WithPrefix())
		if err != nil || len(got.Kvs) != 1501 {
			t.Fatalf("%v, %v", got, err)
		}
		stream, err := c.KV.GetStream(t.Context(), "/a/", clientv3.WithPrefix())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := clientv3.GetStreamToGetResponse(stream); err != nil || len(got.Kvs) != 1501 || got.Count != 1501 {
			t.Errorf("streamed: %v", err)
		}
	})
}

// raw opens a stream of watches, as a client that is not clientv3 would.
func raw(t *testing.T, c *kubernetes.Client) pb.Watch_WatchClient {
	t.Helper()
	stream, err := pb.NewWatchClient(c.ActiveConnection()).Watch(t.Context(), grpc.MaxCallRecvMsgSize(math.MaxInt32)) // as clientv3 has it
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func ask(t *testing.T, stream pb.Watch_WatchClient, r *pb.WatchRequest) {
	t.Helper()
	if err := stream.Send(r); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, stream pb.Watch_WatchClient) *pb.WatchResponse {
	t.Helper()
	r, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func creation(r *pb.WatchCreateRequest) *pb.WatchRequest {
	return &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CreateRequest{CreateRequest: r}}
}

func TestWatchesThatCannotBe(t *testing.T) {
	s := newStore(t)
	stream := raw(t, dial(t, s))
	ask(t, stream, creation(&pb.WatchCreateRequest{Key: []byte("a"), WatchId: 5}))
	if r := hear(t, stream); !r.Created || r.Canceled || r.WatchId != 5 {
		t.Fatalf("got %+v", r)
	}
	for want, r := range map[string]*pb.WatchCreateRequest{
		"mvcc: duplicate watch ID provided on the WatchStream":   {Key: []byte("b"), WatchId: 5},
		"mvcc: watcher range is empty":                           {Key: []byte("b"), RangeEnd: []byte("a")},
		"etcdserver: mvcc: required revision has been compacted": {Key: []byte("b"), StartRevision: -1},
	} {
		ask(t, stream, creation(r))
		if got := hear(t, stream); !got.Created || !got.Canceled || got.WatchId != -1 || got.CancelReason != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestOneStreamOfManyWatches(t *testing.T) {
	s := newStore(t)
	c := dial(t, s)
	stream := raw(t, c)
	ask(t, stream, creation(&pb.WatchCreateRequest{Key: []byte("a"), WatchId: 1}))
	ask(t, stream, creation(&pb.WatchCreateRequest{Key: []byte("b"), WatchId: 2}))
	hear(t, stream)
	hear(t, stream)
	revision := mustPut(t, c, "other", "1")
	for range 3 {
		ask(t, stream, &pb.WatchRequest{RequestUnion: &pb.WatchRequest_ProgressRequest{ProgressRequest: &pb.WatchProgressRequest{}}})
		if r := hear(t, stream); r.WatchId != -1 || r.Header.Revision != revision || len(r.Events) > 0 {
			t.Errorf("got %+v", r)
		}
	}
	ask(t, stream, &pb.WatchRequest{RequestUnion: &pb.WatchRequest_CancelRequest{CancelRequest: &pb.WatchCancelRequest{WatchId: 1}}})
	if r := hear(t, stream); !r.Canceled || r.WatchId != 1 {
		t.Errorf("got %+v", r)
	}
	// A client that asks for no more still hears of what it watches.
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	mustPut(t, c, "a", "1")
	mustPut(t, c, "b", "1")
	if r := hear(t, stream); r.WatchId != 2 || len(r.Events) != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestLargeResponsesAreCutForThoseWhoAsk(t *testing.T) {
	s := newStore(t)
	c := dial(t, s)
	first := mustPut(t, c, "/0", strings.Repeat("x", 1<<20))
	for i := range 3 {
		mustPut(t, c, fmt.Sprintf("/%d", i+1), strings.Repeat("x", 1<<20))
	}
	stream := raw(t, c)
	for _, fragment := range []bool{true, false} {
		ask(t, stream, creation(&pb.WatchCreateRequest{Key: []byte("/"), RangeEnd: []byte("0"), StartRevision: first, Fragment: fragment}))
		if r := hear(t, stream); !r.Created {
			t.Fatalf("got %+v", r)
		}
		responses, events := 0, 0
		for events < 4 {
			r := hear(t, stream)
			responses++
			events += len(r.Events)
			if r.Fragment != (fragment && events < 4) {
				t.Errorf("fragment is %v after %d events", r.Fragment, events)
			}
		}
		if (responses > 1) != fragment {
			t.Errorf("%d responses", responses)
		}
	}
}

func TestLifetimesOfLeases(t *testing.T) {
	c := dial(t, newStore(t))
	short, err := c.Grant(t.Context(), 1)
	if err != nil || short.TTL != 2 {
		t.Errorf("got %+v, %v", short, err)
	}
	if _, err := c.Grant(t.Context(), 1<<62); !errors.Is(err, rpctypes.ErrLeaseTTLTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheServerSaysOfItself(t *testing.T) {
	s := newStore(t)
	c := dial(t, s)
	status, err := c.Status(t.Context(), c.Endpoints()[0])
	if err != nil || status.DbSize != 42 || status.Version == "" || status.Header.Revision != s.Revision() {
		t.Errorf("got %+v, %v", status, err)
	}
	members, err := c.MemberList(t.Context())
	if err != nil || len(members.Members) != 1 || members.Members[0].ID != status.Leader {
		t.Errorf("got %+v, %v", members, err)
	}
	alarms, err := c.AlarmList(t.Context())
	if err != nil || len(alarms.Alarms) > 0 {
		t.Errorf("got %+v, %v", alarms, err)
	}
}
