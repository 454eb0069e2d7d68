package storage

import (
	"context"
	"errors"
	"time"

	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/storage/mvcc"
	"github.com/kubecraft/kubecraft/runtime/storage/sqlite"
)

// markLog remembers over restarts which revision was the current one when.
type markLog interface {
	Mark(sqlite.Mark) error
	Marks() ([]sqlite.Mark, error)
	Forget(revision int64) error
}

// compaction drops history that is older than keep, or too much of it. Upstream's compactor, which it stands in for,
// forgets at each start how old history is, and would never compact a server that is restarted often.
type compaction struct {
	store  *mvcc.Store
	log    markLog // nil if nothing outlives the process
	keep   time.Duration
	limit  int64
	marks  []sqlite.Mark
	failed bool
}

// step is how often compaction looks: history lives a fifth longer than it has to at most.
func (c *compaction) step() time.Duration {
	if c.keep <= 0 {
		return time.Minute
	}
	return max(min(c.keep/5, time.Minute), time.Millisecond)
}

func newCompaction(o Options, store *mvcc.Store, log markLog) *compaction {
	return &compaction{store: store, log: log, keep: o.Compaction, limit: o.HistoryBytes}
}

// run compacts until ctx ends.
func (c *compaction) run(ctx context.Context) {
	c.check("tidying up after an interrupted compaction", c.store.Tidy())
	if c.log != nil {
		marks, err := c.log.Marks()
		c.check("reading when revisions were made", err)
		c.marks = marks
	}
	ticker := time.NewTicker(c.step())
	defer ticker.Stop()
	for {
		c.tick(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// tick notes the current revision and compacts what is due.
func (c *compaction) tick(now time.Time) {
	revision := c.store.Revision()
	if n := len(c.marks); n == 0 || c.marks[n-1].Revision != revision {
		m := sqlite.Mark{Revision: revision, At: now}
		if c.log != nil {
			c.check("noting when a revision was made", c.log.Mark(m))
		}
		c.marks = append(c.marks, m)
	}
	if due := c.due(now); due > c.store.CompactRevision() {
		c.compact(due)
	}
}

// due returns the newest revision whose history is not to be kept.
func (c *compaction) due(now time.Time) int64 {
	var due int64
	for i, m := range c.marks {
		old := c.keep > 0 && now.Sub(m.At) >= c.keep
		// Over the limit the older half goes, whatever its age.
		much := c.limit > 0 && c.store.HistoryBytes() > c.limit && i < (len(c.marks)+1)/2
		if old || much {
			due = m.Revision
		}
	}
	return due
}

func (c *compaction) compact(revision int64) {
	if err := c.store.Compact(revision); !c.check("compacting history", err) {
		return
	}
	for len(c.marks) > 0 && c.marks[0].Revision <= revision {
		c.marks = c.marks[1:]
	}
	if c.log != nil {
		c.check("forgetting old revisions", c.log.Forget(revision))
	}
}

// check logs the first of a row of failures. All of this is tried again, so a full disk needs no more than that.
func (c *compaction) check(doing string, err error) bool {
	if err == nil {
		c.failed = false
		return true
	}
	if !c.failed && !errors.Is(err, mvcc.ErrCompacted) {
		klog.Warningf("storage: %s: %v", doing, err)
	}
	c.failed = true
	return false
}
