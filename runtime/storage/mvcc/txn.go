package mvcc

import (
	"bytes"
	"slices"
)

// Txn reads and changes the store as one step. It sees what it wrote itself, and all of its changes get one
// revision. It is valid only inside the function given to Update.
type Txn struct {
	s       *Store
	earlier *batch // what the transactions before it in the same batch did
	batch
	revision int64
}

// batch is a set of changes that is not applied yet.
type batch struct {
	changes []change
	latest  map[string]*KeyValue // the newest of changes by key; nil while they are few
	granted map[int64]Lease
	revoked map[int64]struct{}
}

// fewChanges is how many changes are searched one by one: nearly all transactions make one or two.
const fewChanges = 4

func (b *batch) record(c change) {
	b.changes = append(b.changes, c)
	if b.latest != nil {
		b.latest[string(c.kv.Key)] = c.kv
		return
	}
	if len(b.changes) > fewChanges {
		b.latest = make(map[string]*KeyValue, 2*len(b.changes))
		for _, c := range b.changes {
			b.latest[string(c.kv.Key)] = c.kv
		}
	}
}

// newest returns what became of a key in b, which is nil if b does not change it.
func (b *batch) newest(key string) *KeyValue {
	if b.latest != nil {
		return b.latest[key]
	}
	for i := len(b.changes) - 1; i >= 0; i-- {
		if string(b.changes[i].kv.Key) == key {
			return b.changes[i].kv
		}
	}
	return nil
}

func (b *batch) grant(l Lease) {
	if b.granted == nil {
		b.granted = map[int64]Lease{}
	}
	b.granted[l.ID] = l
}

func (b *batch) revoke(id int64) {
	if b.revoked == nil {
		b.revoked = map[int64]struct{}{}
	}
	b.revoked[id] = struct{}{}
	delete(b.granted, id)
}

func (b *batch) empty() bool { return len(b.changes)+len(b.granted)+len(b.revoked) == 0 }

// merge adds what a later transaction did.
func (b *batch) merge(t *batch) {
	for _, c := range t.changes {
		b.record(c)
	}
	for id := range t.revoked {
		b.revoke(id)
	}
	for _, l := range t.granted {
		delete(b.revoked, l.ID)
		b.grant(l)
	}
}

// lease says whether b settles if a lease is there, and then whether it is.
func (b *batch) lease(id int64) (there, settled bool) {
	if _, ok := b.granted[id]; ok {
		return true, true
	}
	_, gone := b.revoked[id]
	return false, gone
}

// Revision returns the revision that the changes of the transaction get.
func (t *Txn) Revision() int64 { return t.revision }

// Changed says whether the transaction has changed a key so far.
func (t *Txn) Changed() bool { return len(t.changes) > 0 }

// Get returns the current version of a key, or nil if it is not there.
func (t *Txn) Get(key string) *KeyValue {
	kv := t.newest(key)
	if kv == nil || kv.Version == 0 {
		return nil
	}
	return kv
}

func (t *Txn) newest(key string) *KeyValue {
	if kv := t.batch.newest(key); kv != nil {
		return kv
	}
	if kv := t.earlier.newest(key); kv != nil {
		return kv
	}
	return t.s.latest(key)
}

// Keys returns the current versions in [start, end), in the order of their keys.
func (t *Txn) Keys(start, end string) []*KeyValue {
	if end == "" {
		if kv := t.Get(start); kv != nil {
			return []*KeyValue{kv}
		}
		return nil
	}
	kvs := t.s.scan(nil, start, end, t.s.revision, 0)
	pending := map[string]*KeyValue{}
	for _, b := range []*batch{t.earlier, &t.batch} {
		for _, c := range b.changes {
			if key := string(c.kv.Key); InRange(key, start, end) {
				pending[key] = c.kv
			}
		}
	}
	if len(pending) == 0 {
		return kvs
	}
	merged := make([]*KeyValue, 0, len(kvs)+len(pending))
	for _, kv := range kvs {
		if _, ok := pending[string(kv.Key)]; !ok {
			merged = append(merged, kv)
		}
	}
	for _, kv := range pending {
		if kv.Version != 0 {
			merged = append(merged, kv)
		}
	}
	slices.SortFunc(merged, func(a, b *KeyValue) int { return bytes.Compare(a.Key, b.Key) })
	return merged
}

// Put sets the value of a key and returns the version before, if there was one. The store keeps value: it
// must not be changed afterwards. It fails with ErrLeaseNotFound if lease is neither zero nor there.
func (t *Txn) Put(key string, value []byte, lease int64) (*KeyValue, error) {
	if lease != 0 && !t.hasLease(lease) {
		return nil, ErrLeaseNotFound
	}
	if cap(value)-len(value) > len(value)/4 {
		value = bytes.Clone(value) // an encoder's buffer may be twice as large as what it holds
	}
	kv := &KeyValue{Value: value, ModRevision: t.revision, CreateRevision: t.revision, Version: 1, Lease: lease}
	prev := t.newest(key)
	if prev == nil {
		kv.Key = []byte(key)
	} else {
		kv.Key = prev.Key // one copy of the key serves all its versions
		if prev.Version == 0 {
			prev = nil
		} else {
			kv.CreateRevision, kv.Version = prev.CreateRevision, prev.Version+1
		}
	}
	t.record(change{kv, prev})
	return prev, nil
}

// Delete removes a key and returns the version that it had, or nil if it was not there.
func (t *Txn) Delete(key string) *KeyValue {
	prev := t.Get(key)
	if prev != nil {
		t.record(change{&KeyValue{Key: prev.Key, ModRevision: t.revision}, prev})
	}
	return prev
}

// KeysAt returns the keys in [start, end) as they were at a revision before the transaction. It fails with
// ErrCompacted or ErrFutureRevision.
func (t *Txn) KeysAt(start, end string, revision int64) ([]*KeyValue, error) {
	if err := t.s.checkRevision(revision); err != nil {
		return nil, err
	}
	return t.s.scan(nil, start, end, revision, 0), nil
}
