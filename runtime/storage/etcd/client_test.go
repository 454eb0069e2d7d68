package etcd

import (
	"errors"
	"fmt"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

func newClient(t *testing.T) (*kubernetes.Client, *mvcc.Store) {
	t.Helper()
	s := mvcc.NewBuilder(1, 0).Open(mvcc.Options{})
	t.Cleanup(s.Close)
	return NewClient(s), s
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
	c, _ := newClient(t)
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
}

func TestTxn(t *testing.T) {
	c, _ := newClient(t)
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
}

func TestErrorsAreThoseOfEtcd(t *testing.T) {
	c, _ := newClient(t)
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
}

func TestOptimisticWrites(t *testing.T) {
	c, _ := newClient(t)
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
}

func TestLeases(t *testing.T) {
	c, s := newClient(t)
	grant, err := c.Grant(t.Context(), 3600)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, c, "a", "1", clientv3.WithLease(grant.ID))
	ttl, err := c.TimeToLive(t.Context(), grant.ID)
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
}

func TestWatchOptions(t *testing.T) {
	c, s := newClient(t)
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
}
