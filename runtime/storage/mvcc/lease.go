package mvcc

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// revokeRetry is how long the end of a lease waits for another try when the log refuses it.
const revokeRetry = time.Second

// lease is a lease and the keys that go with it. What changes is guarded by the mu of the store.
type lease struct {
	Lease
	keys   map[string]struct{}
	expiry time.Time
	timer  *time.Timer // fires at expiry or later
}

func (l *lease) over() bool { return !time.Now().Before(l.expiry) }

func (l *lease) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// schedule starts the time to live of a lease anew. The caller holds mu.
func (s *Store) schedule(l *lease) {
	ttl := time.Duration(l.TTL) * time.Second
	l.expiry = time.Now().Add(ttl)
	s.expireIn(l, ttl)
}

// expireIn makes expire look at a lease after a while. The caller holds mu.
func (s *Store) expireIn(l *lease, after time.Duration) {
	l.stop()
	l.timer = time.AfterFunc(after, func() { s.expire(l) })
}

// expire revokes a lease whose time is over. Whether it is must be told inside the transaction, which may have
// waited for others, a renewal among them.
func (s *Store) expire(l *lease) {
	_, err := s.Update(func(t *Txn) error {
		if s.leases[l.ID] != l || !l.over() {
			return nil
		}
		if _, settled := t.earlier.lease(l.ID); settled {
			return nil // it has just been revoked; one of its number may be there again
		}
		t.endLease(l.ID)
		return nil
	})
	if err == nil || err == ErrClosed {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leases[l.ID] == l {
		s.expireIn(l, revokeRetry)
	}
}

// attach moves a key between leases as a change says. The caller holds mu.
func (s *Store) attach(key string, c change) {
	if c.prev != nil && c.prev.Lease != 0 {
		if l := s.leases[c.prev.Lease]; l != nil {
			delete(l.keys, key)
		}
	}
	if c.kv.Lease != 0 {
		if l := s.leases[c.kv.Lease]; l != nil {
			l.keys[key] = struct{}{}
		}
	}
}

func (t *Txn) hasLease(id int64) bool {
	for _, b := range []*batch{&t.batch, t.earlier} {
		if there, settled := b.lease(id); settled {
			return there
		}
	}
	_, ok := t.s.leases[id]
	return ok
}

// Grant adds a lease for ttl seconds and returns its number. A number of zero lets the store choose one;
// ErrLeaseExists says that the number asked for is taken.
func (s *Store) Grant(id, ttl int64) (int64, error) {
	granted := id
	_, err := s.Update(func(t *Txn) error {
		if id != 0 && t.hasLease(id) {
			return ErrLeaseExists
		}
		for granted = id; granted == 0 || id == 0 && t.hasLease(granted); {
			granted = rand.Int64()
		}
		t.grant(Lease{ID: granted, TTL: ttl})
		return nil
	})
	return granted, err
}

// Revoke ends a lease and deletes its keys, all in one revision.
func (s *Store) Revoke(id int64) error {
	_, err := s.Update(func(t *Txn) error {
		if !t.hasLease(id) {
			return ErrLeaseNotFound
		}
		t.endLease(id)
		return nil
	})
	return err
}

func (t *Txn) endLease(id int64) {
	keys := map[string]struct{}{}
	if l := t.s.leases[id]; l != nil {
		maps.Copy(keys, l.keys)
	}
	for _, c := range t.earlier.changes {
		keys[string(c.kv.Key)] = struct{}{}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if kv := t.Get(key); kv != nil && kv.Lease == id {
			t.Delete(key)
		}
	}
	t.revoke(id)
}

// KeepAlive starts the time to live of a lease anew and returns it in seconds. A lease whose time is over cannot be
// renewed, as in etcd, even if it is not revoked yet: the revocation may be under way.
func (s *Store) KeepAlive(id int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leases[id]
	if l == nil || l.over() {
		return 0, ErrLeaseNotFound
	}
	s.schedule(l)
	return l.TTL, nil
}

// LeaseStatus is what is known about a lease.
type LeaseStatus struct {
	Lease
	// Remaining is in seconds.
	Remaining int64
	// Keys are sorted.
	Keys []string
}

// LeaseStatus returns what is known about a lease, or ErrLeaseNotFound.
func (s *Store) LeaseStatus(id int64) (LeaseStatus, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	l := s.leases[id]
	if l == nil {
		return LeaseStatus{}, ErrLeaseNotFound
	}
	remaining := int64(time.Until(l.expiry) / time.Second)
	return LeaseStatus{Lease: l.Lease, Remaining: max(remaining, 0), Keys: slices.Sorted(maps.Keys(l.keys))}, nil
}

// Leases returns the numbers of all leases, sorted.
func (s *Store) Leases() []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.leases))
}
