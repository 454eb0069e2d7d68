package kubernetes_test

import (
	"context"
	"strconv"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// change is what happened to an object. Its version is that of the write, also for a deletion.
type change struct {
	version int64
	name    string
	deleted bool
}

// history is what the store says has happened.
type history struct {
	begin, end int64
	changes    map[string][]change // by the part of the key before the name
}

// mark writes something and returns its revision.
func (p *process) mark() int64 {
	p.t.Helper()
	etcd := p.etcd()
	defer etcd.Close()
	put, err := etcd.Put(p.t.Context(), "/mark", "")
	if err != nil {
		p.t.Fatal(err)
	}
	return put.Header.Revision
}

// read goes on to now.
func (h *history) read(p *process) {
	p.t.Helper()
	if h.changes == nil {
		h.changes = map[string][]change{}
	}
	now := p.mark()
	etcd := p.etcd()
	defer etcd.Close()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	for answer := range etcd.Watch(ctx, "/", clientv3.WithPrefix(), clientv3.WithRev(h.end+1)) {
		if err := answer.Err(); err != nil {
			p.t.Fatal(err)
		}
		for _, e := range answer.Events {
			if e.Kv.ModRevision > now {
				return
			}
			h.end = e.Kv.ModRevision
			cut := strings.LastIndex(string(e.Kv.Key), "/")
			of := string(e.Kv.Key[:cut])
			h.changes[of] = append(h.changes[of], change{e.Kv.ModRevision, string(e.Kv.Key[cut+1:]), e.Type == clientv3.EventTypeDelete})
		}
		if h.end == now {
			return
		}
	}
	p.t.Fatalf("the store's history ends at %d, not %d", h.end, now)
}

// of returns the changes of a resource's objects in a namespace.
func (h *history) of(resource schema.GroupVersionResource, namespace string) []change {
	for key, changes := range h.changes {
		if strings.HasPrefix(key, "/registry/") && strings.HasSuffix(key, resource.Resource+"/"+namespace) {
			return changes
		}
	}
	return nil
}

func versionOf(object any) int64 {
	accessor, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	version, err := strconv.ParseInt(accessor.GetResourceVersion(), 10, 64)
	if err != nil {
		panic(err)
	}
	return version
}

func nameOf(object any) string {
	accessor, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	return accessor.GetName()
}
