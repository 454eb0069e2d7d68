package mvcc

import "sort"

// entry is the history of one key: its versions in ascending order.
type entry struct {
	versions []*KeyValue
}

// last returns the newest version, which may be a deletion.
func (e *entry) last() *KeyValue { return e.versions[len(e.versions)-1] }

// at returns the version that was current at revision, or nil if the key was not there.
func (e *entry) at(revision int64) *KeyValue {
	kv := e.last()
	if kv.ModRevision > revision {
		i := e.after(revision)
		if i == 0 {
			return nil
		}
		kv = e.versions[i-1]
	}
	if kv.Version == 0 {
		return nil
	}
	return kv
}

// after returns the index of the first version that is newer than revision.
func (e *entry) after(revision int64) int {
	return sort.Search(len(e.versions), func(i int) bool { return e.versions[i].ModRevision > revision })
}

// prune drops the versions that nobody can ask for once history up to revision is compacted. It returns
// them; what is left may be nothing.
func (e *entry) prune(revision int64) []*KeyValue {
	keep := e.after(revision)
	if keep == 0 {
		return nil
	}
	if e.versions[keep-1].Version != 0 {
		keep-- // still the current version for readers at revision
	}
	dropped := e.versions[:keep:keep]
	if keep > 0 { // in an array of their own, so that what is dropped can go
		e.versions = append(make([]*KeyValue, 0, len(e.versions)-keep), e.versions[keep:]...)
	}
	return dropped
}

// change is one step of history: what a key became, and what it was.
type change struct {
	kv   *KeyValue
	prev *KeyValue // nil if the key was not there
}

// supersedes returns the size of what history alone needs after the change: what it replaced, and a deletion.
func (c change) supersedes() (n int64) {
	if c.prev != nil {
		n = size(c.prev)
	}
	if c.kv.Version == 0 {
		n += size(c.kv)
	}
	return n
}

// size is about what a version takes in memory.
func size(kv *KeyValue) int64 {
	const overhead = 160 // the struct, and its places in the entry and in the history
	return int64(len(kv.Value)) + overhead
}
