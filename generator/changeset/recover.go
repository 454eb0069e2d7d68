package changeset

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Recovery is what Recover found and did.
type Recovery int

// What Recover may have done.
const (
	NothingToRecover Recovery = iota // no commit was killed, or one that had not changed a file yet
	PutBack                          // every file is as it was before the commit
	TidiedUp                         // the commit had got every file into place: only what it left beside them is gone
)

// Recover looks for a commit in root that was killed and puts every file back as it was before, or, if the commit had
// got all files into place, tidies up after it. It waits for a commit that another process has under way. A file that
// somebody changed after the kill is not overwritten: that is an error which names it.
func Recover(root string) (Recovery, error) {
	return recoverOn(root, openDisk)
}

func recoverOn(root string, open func(string) (disk, error)) (Recovery, error) {
	if _, err := os.Lstat(filepath.Join(root, JournalName)); missing(err) {
		return NothingToRecover, nil
	} else if err != nil {
		return NothingToRecover, fmt.Errorf("cannot read %s: %w", filepath.Join(root, JournalName), cause(err))
	}
	d, err := open(root)
	if err != nil {
		return NothingToRecover, err
	}
	defer d.Close()
	c := &commit{disk: d, root: "."}
	found, err := c.recover()
	if err != nil {
		return NothingToRecover, fmt.Errorf("an interrupted kubecraft left %s in %s: %w", JournalName, root, err)
	}
	if !found {
		return NothingToRecover, nil
	}
	if c.journal.state != committed {
		// A root that the commit made goes again if nothing else is in it.
		for dir, n := filepath.Clean(root), c.journal.Made; n > 0; n-- {
			if os.Remove(dir) != nil {
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	switch c.journal.state {
	case begun:
		return PutBack, nil
	case committed:
		return TidiedUp, nil
	}
	return NothingToRecover, nil
}

// recover reports whether there was a commit.
func (c *commit) recover() (bool, error) {
	held, err := c.disk.Lock(JournalName)
	if err != nil {
		return false, cause(err)
	}
	c.held = held
	defer held.Close()
	// The commit that held the lock may have ended well and removed the file that we waited for.
	mine, err := held.Stat()
	if err != nil {
		return false, cause(err)
	}
	there, err := c.disk.Lstat(JournalName)
	if missing(err) || err == nil && !os.SameFile(mine, there) {
		return false, nil
	} else if err != nil {
		return false, cause(err)
	}
	text, err := io.ReadAll(held)
	if err != nil {
		return false, cause(err)
	}
	c.journal, err = parseJournal(text)
	if err != nil {
		return true, fmt.Errorf("it is %w: see that the files there are as they should be (git status), then remove it", err)
	}
	if c.journal.state == committed {
		if err := c.finish(); err != nil {
			return true, err
		}
		return true, c.release()
	}
	return true, c.undo()
}

// undo puts everything back and removes the journal and what was made for it. It works from the journal and the disk
// alone, can be interrupted and repeated, and needs no space.
func (c *commit) undo() error {
	if c.journal.state == begun {
		if err := c.conflicts(); err != nil {
			return err
		}
		for _, e := range slices.Backward(c.journal.Entries) {
			if err := c.putBack(e); err != nil {
				return fmt.Errorf("%s: %w", e.Path, cause(err))
			}
		}
		for _, dir := range slices.Backward(parents(c.journal.Entries)) {
			_ = c.disk.SyncDir(c.at(dir)) // the folder may be gone; without the flush a power cut costs a repetition
		}
	}
	if err := c.release(); err != nil {
		return err
	}
	c.unmake()
	return nil
}

// conflicts finds files that were changed since the commit that is being undone put them there.
func (c *commit) conflicts() error {
	for _, e := range c.journal.Entries {
		if e.Old == "" || !c.exists(e.Old) || !c.exists(e.Path) {
			continue
		}
		content, err := c.disk.ReadFile(c.at(e.Path))
		if err != nil {
			return fmt.Errorf("cannot read %s: %w", e.Path, cause(err))
		}
		if sum(content) != e.Sum {
			return fmt.Errorf("%s was changed since, and what it was before is in %s: move one of the two away and run the command again", e.Path, e.Old)
		}
	}
	return nil
}

func (c *commit) putBack(e entry) error {
	if e.Op == opFolder {
		_ = c.disk.Remove(c.at(e.Path)) // stays if somebody has put something into it
		return nil
	}
	staged := e.New != "" && c.exists(e.New)
	if e.Op == string(Create) && !staged && c.exists(e.Path) {
		// In place already, unless somebody has put something else there.
		content, err := c.disk.ReadFile(c.at(e.Path))
		if err != nil {
			return err
		}
		if sum(content) == e.Sum {
			return c.disk.Remove(c.at(e.Path))
		}
	}
	if e.Old != "" && c.exists(e.Old) {
		if err := c.disk.Rename(c.at(e.Old), c.at(e.Path)); err != nil {
			return err
		}
	}
	if staged {
		return c.disk.Remove(c.at(e.New))
	}
	return nil
}

func (c *commit) exists(path string) bool {
	_, err := c.disk.Lstat(c.at(path))
	return !missing(err)
}

// finish removes what a complete commit has put aside, and the folders that it emptied.
func (c *commit) finish() error {
	for _, e := range c.journal.Entries {
		if e.Old != "" && c.exists(e.Old) {
			if err := c.disk.Remove(c.at(e.Old)); err != nil {
				return fmt.Errorf("%s: %w", e.Old, cause(err))
			}
		}
		if e.Op == string(Delete) {
			for dir := filepath.Dir(filepath.FromSlash(e.Path)); dir != "."; dir = filepath.Dir(dir) {
				if c.disk.Remove(filepath.Join(c.root, dir)) != nil {
					break // not empty
				}
			}
		}
	}
	return nil
}

// release removes the journal. Where an open file cannot be removed, it is closed first: an empty or finished journal
// that somebody else sees in between does no harm.
func (c *commit) release() error {
	if c.disk.Remove(c.at(JournalName)) == nil {
		return nil
	}
	c.held.Close()
	if err := c.disk.Remove(c.at(JournalName)); err != nil && !missing(err) {
		return fmt.Errorf("cannot remove %s: %w", JournalName, cause(err))
	}
	return nil
}

// unmake removes the folders made for the root itself.
func (c *commit) unmake() {
	for _, dir := range slices.Backward(c.folders) {
		_ = c.disk.Remove(dir)
	}
	c.folders = nil
}
