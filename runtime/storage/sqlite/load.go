package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// Load returns a builder with everything that the file holds.
func (l *Log) Load() (*mvcc.Builder, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := l.load()
	if err != nil {
		return nil, l.describe(err)
	}
	return b, nil
}

func (l *Log) load() (*mvcc.Builder, error) {
	compacted, err := l.number("SELECT value FROM state WHERE name = 'compacted'")
	if err != nil {
		return nil, err
	}
	first, err := l.number("SELECT value FROM state WHERE name = 'revision'")
	if err != nil {
		return nil, err
	}
	b := mvcc.NewBuilder(max(first, compacted), compacted)
	err = l.rows("SELECT id, ttl FROM leases", func(v []driver.Value) error {
		id, err := integer(v[0])
		if err != nil {
			return err
		}
		ttl, err := integer(v[1])
		b.Lease(mvcc.Lease{ID: id, TTL: ttl})
		return err
	})
	if err != nil {
		return nil, err
	}
	l.last = max(first, compacted)<<stepBits | (maxSteps - 1)
	err = l.parts(func(p part) {
		l.last = max(l.last, p.last)
		for _, kv := range p.versions {
			b.Add(kv)
		}
	})
	return b, err
}

// version makes a version of a row.
func version(v []driver.Value) (*mvcc.KeyValue, int64, error) {
	id, ok1 := v[0].(int64)
	key, ok2 := v[1].([]byte)
	created, ok3 := v[3].(int64)
	count, ok4 := v[4].(int64)
	lease, ok5 := v[5].(int64)
	value, ok6 := v[2].([]byte)
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || !ok6 && v[2] != nil || len(key) == 0 {
		return nil, 0, fmt.Errorf("%w in row %v", errDamaged, v[0])
	}
	return &mvcc.KeyValue{Key: key, Value: value, CreateRevision: created, ModRevision: id >> stepBits, Version: count, Lease: lease}, id, nil
}
