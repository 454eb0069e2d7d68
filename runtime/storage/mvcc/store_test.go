package mvcc

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func update(t testing.TB, s *Store, f func(*Txn) error) int64 {
	t.Helper()
	revision, err := s.Update(f)
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func put(t testing.TB, s *Store, key, value string) int64 {
	t.Helper()
	return update(t, s, func(txn *Txn) error {
		_, err := txn.Put(key, []byte(value), 0)
		return err
	})
}

func remove(t testing.TB, s *Store, key string) int64 {
	t.Helper()
	return update(t, s, func(txn *Txn) error { txn.Delete(key); return nil })
}

func keys(kvs []*KeyValue) []string {
	out := []string{}
	for _, kv := range kvs {
		out = append(out, string(kv.Key)+"="+string(kv.Value))
	}
	return out
}

func newStore(t testing.TB, log Log) *Store {
	s := NewBuilder(1, 0).Open(Options{Log: log})
	t.Cleanup(s.Close)
	return s
}

func TestTxnSeesItselfAndIsOneRevision(t *testing.T) {
	s := newStore(t, nil)
	put(t, s, "a", "1")
	put(t, s, "b", "1")
	revision := update(t, s, func(txn *Txn) error {
		if _, err := txn.Put("c", []byte("2"), 0); err != nil {
			return err
		}
		txn.Delete("a")
		if got, want := keys(txn.Keys("a", "z")), []string{"b=1", "c=2"}; !slices.Equal(got, want) {
			t.Errorf("inside: got %v, want %v", got, want)
		}
		return nil
	})
	if revision != 4 || s.Revision() != 4 {
		t.Errorf("revision %d, store at %d, want 4", revision, s.Revision())
	}
	failed := errors.New("no")
	if _, err := s.Update(func(txn *Txn) error { txn.Delete("b"); return failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	r, err := s.Range("a", "z", RangeOptions{})
	if got, want := keys(r.KVs), []string{"b=1", "c=2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("after: got %v, %v, want %v", got, err, want)
	}
}

// TestRangesAgainstModel compares ranges, counts and history with a plain list of states, over random changes,
// compactions and revisions.
func TestRangesAgainstModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s := newStore(t, nil)
	states := map[int64]map[string]string{1: {}}
	for range 3000 {
		before := states[s.Revision()]
		after := map[string]string{}
		for k, v := range before {
			after[k] = v
		}
		key := fmt.Sprintf("k%02d", random.IntN(60))
		if _, there := before[key]; there && random.IntN(2) == 0 {
			delete(after, key)
			states[remove(t, s, key)] = after
		} else {
			value := fmt.Sprint(random.Int())
			after[key] = value
			states[put(t, s, key, value)] = after
		}
		if random.IntN(200) == 0 {
			if err := s.Compact(s.Revision() - int64(random.IntN(50))); err != nil && !errors.Is(err, ErrCompacted) {
				t.Fatal(err)
			}
		}
		check(t, s, states, random)
	}
}

func check(t *testing.T, s *Store, states map[int64]map[string]string, random *rand.Rand) {
	t.Helper()
	at := s.Revision() - int64(random.IntN(80))
	start, end := fmt.Sprintf("k%02d", random.IntN(60)), fmt.Sprintf("k%02d", random.IntN(60))
	limit := int64(random.IntN(10))
	r, err := s.Range(start, end, RangeOptions{Revision: max(at, 1), Limit: limit})
	if max(at, 1) < s.CompactRevision() {
		if !errors.Is(err, ErrCompacted) {
			t.Fatalf("at %d, compacted at %d: %v", at, s.CompactRevision(), err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for k, v := range states[max(at, 1)] {
		if k >= start && k < end {
			want = append(want, k+"="+v)
		}
	}
	slices.Sort(want)
	if r.Count != int64(len(want)) {
		t.Fatalf("[%s, %s) at %d of %d has %d keys, want %d", start, end, at, s.Revision(), r.Count, len(want))
	}
	if limit > 0 && len(want) > int(limit) {
		want = want[:limit]
	}
	if got := keys(r.KVs); !slices.Equal(got, want) {
		t.Fatalf("[%s, %s) at %d: got %v, want %v", start, end, at, got, want)
	}
}

func TestLongRangeShowsOneRevision(t *testing.T) {
	s := newStore(t, nil)
	const n = 3 * chunk
	update(t, s, func(txn *Txn) error {
		for i := range n {
			if _, err := txn.Put(fmt.Sprintf("k%06d", i), nil, 0); err != nil {
				return err
			}
		}
		return nil
	})
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				revision := put(t, s, fmt.Sprintf("k%06d", i%n), fmt.Sprint(i))
				_ = s.Compact(revision) // so that ranges are overtaken by compactions as well
			}
		}
	}()
	for range 50 {
		r, err := s.Range("k", "l", RangeOptions{})
		if err != nil || len(r.KVs) != n || r.Count != n {
			t.Fatalf("%d keys, count %d, %v", len(r.KVs), r.Count, err)
		}
		for _, kv := range r.KVs {
			if kv.ModRevision > r.Revision {
				t.Fatalf("a key of revision %d in a range at %d", kv.ModRevision, r.Revision)
			}
		}
	}
	close(stop)
	<-stopped
}
