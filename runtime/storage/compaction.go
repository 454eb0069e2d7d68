package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
)

// markLog remembers over restarts which revision was the current one when.
type markLog interface {
	Mark(mvcc.Mark) error
	Forget(revision int64) error
}

// compaction drops history that is older than keep, or too much of it. Upstream's compactor, which it stands in for,
// forgets at each start how old history is, and would never compact a server that is restarted often.
type compaction struct {
	store *mvcc.Store
	log   markLog // nil if nothing outlives the process
	keep  time.Duration
	limit int64 // of bytes; zero or less means none
	marks []mvcc.Mark
	// forgotten is the revision up to which the log has no marks any more.
	forgotten int64
}

func newCompaction(o Options, store *mvcc.Store) *compaction {
	return &compaction{store: store, keep: o.Compaction, limit: o.HistoryBytes}
}

// step is how often compaction looks at ages: history lives a fifth longer than it has to at most.
func (c *compaction) step() time.Duration {
	if c.keep <= 0 {
		return time.Minute
	}
	return max(min(c.keep/5, time.Minute), time.Millisecond)
}

// clock returns the time that the age of history is told by. It goes on from the last mark, so that it stands still
// while no server runs: who watched before a night's rest finds in the morning what there was in the evening.
func (c *compaction) clock() func() time.Time {
	start := time.Now()
	first := start
	if n := len(c.marks); n > 0 {
		first = c.marks[n-1].At
	}
	return func() time.Time { return first.Add(time.Since(start)) }
}

// run compacts until ctx ends.
func (c *compaction) run(ctx context.Context) {
	ticker := time.NewTicker(c.step())
	defer ticker.Stop()
	now := c.clock()
	failed := false
	for {
		overflow := c.store.Overflow()
		err := c.tick(now())
		if err != nil {
			overflow = nil // a log that refuses is not asked again at each write
			if !failed {
				klog.Warningf("storage: %v", err)
			}
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			if err := c.note(now()); err != nil && !failed { // the time since the last mark counts, too
				klog.Warningf("storage: %v", err)
			}
			return
		case <-ticker.C:
		case <-overflow:
		}
	}
}

// tick does all that is due. What fails is due at the next tick as well. It returns the first failure.
func (c *compaction) tick(now time.Time) error {
	return cmp.Or(c.note(now), c.compact(now), c.tidy(), c.forget())
}

// note remembers when the current revision is the current one. Refused, it is as if it had come up later.
func (c *compaction) note(now time.Time) error {
	m := mvcc.Mark{Revision: c.store.Revision(), At: now}
	if n := len(c.marks); n > 0 && c.marks[n-1].Revision == m.Revision || m.Revision <= c.store.CompactRevision() {
		return nil
	}
	if c.log != nil {
		if err := c.log.Mark(m); err != nil {
			return fmt.Errorf("noting when a revision was made: %w", err)
		}
	}
	c.marks = append(c.marks, m)
	return nil
}

// compact drops the history that is not to be kept.
func (c *compaction) compact(now time.Time) error {
	due := c.due(now)
	if due <= c.store.CompactRevision() {
		return nil
	}
	if err := c.store.Compact(due); err != nil && !errors.Is(err, mvcc.ErrCompacted) { // by a client, meanwhile
		return fmt.Errorf("compacting history: %w", err)
	}
	return nil
}

// due returns the newest revision whose history is not to be kept.
func (c *compaction) due(now time.Time) int64 {
	var due int64
	for _, m := range c.marks {
		if c.keep > 0 && now.Sub(m.At) >= c.keep {
			due = m.Revision
		}
	}
	if c.limit > 0 && c.store.HistoryBytes() > c.limit {
		// The older half goes, so that this is not due again at once.
		due = max(due, c.store.RevisionWith(c.limit/2))
	}
	return due
}

// tidy makes the log get rid of what compactions left in it.
func (c *compaction) tidy() error {
	if err := c.store.Tidy(); err != nil {
		return fmt.Errorf("tidying up after a compaction: %w", err)
	}
	return nil
}

// forget drops the marks of history that is gone.
func (c *compaction) forget() error {
	gone := c.store.CompactRevision()
	for len(c.marks) > 0 && c.marks[0].Revision <= gone {
		c.marks = c.marks[1:]
	}
	if c.log == nil || c.forgotten == gone {
		return nil
	}
	if err := c.log.Forget(gone); err != nil {
		return fmt.Errorf("forgetting old marks: %w", err)
	}
	c.forgotten = gone
	return nil
}
