package mvcc

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestRevokeIsOneRevision(t *testing.T) {
	s := newStore(t, nil)
	id, err := s.Grant(0, 3600)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		update(t, s, func(txn *Txn) error { _, err := txn.Put(key, nil, id); return err })
	}
	put(t, s, "b", "free")
	before := s.Revision()
	if err := s.Revoke(id); err != nil {
		t.Fatal(err)
	}
	if s.Revision() != before+1 {
		t.Errorf("the revocation took %d revisions", s.Revision()-before)
	}
	r, err := s.Range("a", "z", RangeOptions{})
	if got := keys(r.KVs); err != nil || !slices.Equal(got, []string{"b=free"}) {
		t.Errorf("left: %v, %v", got, err)
	}
	if err := s.Revoke(id); !errors.Is(err, ErrLeaseNotFound) {
		t.Errorf("again: %v", err)
	}
	if _, err := s.Update(func(txn *Txn) error { _, err := txn.Put("d", nil, id); return err }); !errors.Is(err, ErrLeaseNotFound) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Grant(7, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Grant(7, 1); !errors.Is(err, ErrLeaseExists) {
		t.Errorf("grant: %v", err)
	}
}

// leased returns a store with a key that goes with a lease of ten seconds.
func leased(t *testing.T, log Log) (*Store, int64) {
	t.Helper()
	s := newStore(t, log)
	id, err := s.Grant(0, 10)
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(txn *Txn) error { _, err := txn.Put("a", nil, id); return err })
	return s, id
}

func there(t *testing.T, s *Store, key string) bool {
	t.Helper()
	kv, _, err := s.Get(key, 0)
	if err != nil {
		t.Fatal(err)
	}
	return kv != nil
}

// pass lets time go by, of a clock that is the test's own.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLeaseExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, id := leased(t, nil)
		pass(9 * time.Second)
		if _, err := s.KeepAlive(id); err != nil {
			t.Fatal(err)
		}
		pass(9 * time.Second)
		if !there(t, s, "a") {
			t.Error("it was renewed, and is gone")
		}
		pass(2 * time.Second)
		if there(t, s, "a") || len(s.Leases()) != 0 {
			t.Error("its time is over, and it is there")
		}
	})
}

// TestLeaseRenewedWhileItsEndWaits has the end of a lease wait behind another transaction.
func TestLeaseRenewedWhileItsEndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		s, id := leased(t, log)
		written := make(chan struct{})
		log.setRefuse(func(Batch) error { <-written; return nil })
		go func() { _, _ = s.Grant(0, 3600) }() // the disk takes its time
		pass(11 * time.Second)
		if _, err := s.KeepAlive(id); !errors.Is(err, ErrLeaseNotFound) {
			t.Errorf("renewed after its end: %v", err)
		}
		close(written)
		synctest.Wait()
		if there(t, s, "a") {
			t.Error("its time is over, and it is there")
		}

		// The end of one that is granted anew, or renewed, is told when the transaction runs.
		s, id = leased(t, log)
		s.mu.RLock()
		l := s.leases[id]
		s.mu.RUnlock()
		s.expire(l)
		if !there(t, s, "a") {
			t.Error("it was revoked before its time")
		}
	})
}

func TestEndOfLeaseIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		s, _ := leased(t, log)
		log.setRefuse(func(Batch) error { return errors.New("full") })
		pass(15 * time.Second)
		if !there(t, s, "a") {
			t.Fatal("it ended without the log")
		}
		log.setRefuse(nil)
		pass(2 * revokeRetry)
		if there(t, s, "a") {
			t.Error("its end was not tried again")
		}
	})
}
