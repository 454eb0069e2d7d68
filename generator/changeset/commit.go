package changeset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Commit makes the disk hold what the set asks for, all of it or nothing: on an error, and when ctx is cancelled before
// the last file is in place, every file and folder is as it was. Without changes it does not touch the disk.
func (s *Set) Commit(ctx context.Context) error {
	changes, err := s.Changes()
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	base, prefix, err := existing(s.root)
	if err != nil {
		return err
	}
	d, err := s.open(base)
	if err != nil {
		return err
	}
	defer d.Close()

	c := &commit{disk: d, root: prefix, changes: changes}
	if err := c.lock(); err != nil {
		return fmt.Errorf("cannot write in %s: %w", s.root, err)
	}
	defer c.held.Close()
	if err := c.apply(ctx); err != nil {
		if undoErr := c.undo(); undoErr != nil {
			return fmt.Errorf("%w; and putting back what was changed failed too: %w: run kubecraft here again when it can write", err, undoErr)
		}
		return err
	}
	// What fails from here on is untidy, not wrong: the journal stays, and the next Recover tidies up.
	if c.finish() == nil {
		_ = c.release()
	}
	return nil
}

// existing splits a root into the nearest folder that exists and what is below it.
func existing(root string) (base, prefix string, err error) {
	base, err = filepath.Abs(root)
	if err != nil {
		return "", "", err
	}
	prefix = "."
	for {
		info, err := os.Stat(base)
		switch {
		case err == nil && info.IsDir():
			return base, prefix, nil
		case err == nil:
			return "", "", fmt.Errorf("%s is not a folder", base)
		case !missing(err):
			return "", "", fmt.Errorf("cannot read %s: %w", base, cause(err))
		}
		up := filepath.Dir(base)
		if up == base {
			return "", "", fmt.Errorf("cannot read %s: %w", base, cause(err))
		}
		base, prefix = up, filepath.Join(filepath.Base(base), prefix)
	}
}

// commit is one commit or recovery under way.
type commit struct {
	disk    disk
	root    string // the set's root, relative to the disk's; "." mostly
	changes []Change
	held    lockedFile // the journal, locked
	journal journal
	folders []string // made for the root itself, outermost first
}

// lock makes the root if need be and takes the journal, which must be empty.
func (c *commit) lock() (err error) {
	defer func() {
		if err != nil {
			if c.held != nil {
				c.drop()
			}
			c.unmake()
		}
	}()
	if c.root != "." {
		for i, r := range c.root + string(filepath.Separator) {
			if r != filepath.Separator {
				continue
			}
			if err := c.disk.Mkdir(c.root[:i]); err != nil {
				return cause(err)
			}
			c.folders = append(c.folders, c.root[:i])
		}
	}
	return c.take()
}

// take locks the journal, once no other commit has it.
func (c *commit) take() error {
	for {
		held, err := c.disk.Lock(c.at(JournalName))
		if err != nil {
			return cause(err)
		}
		c.held = held
		mine, err := held.Stat()
		if err != nil {
			return cause(err)
		}
		there, err := c.disk.Lstat(c.at(JournalName))
		switch {
		case missing(err) || err == nil && !os.SameFile(mine, there):
			held.Close() // removed by the commit that had it while we waited
		case err != nil:
			return cause(err)
		case mine.Size() > 0:
			return errors.New("an interrupted kubecraft left " + JournalName + " there: recover first")
		default:
			return nil
		}
	}
}

// drop gives back a journal that could not be taken; an empty one is of no use to anybody.
func (c *commit) drop() {
	if info, err := c.held.Stat(); err == nil && info.Size() == 0 {
		_ = c.disk.Remove(c.at(JournalName))
	}
	c.held.Close()
}

// at turns a slash path relative to the root into one of the disk's.
func (c *commit) at(path string) string {
	return filepath.Join(c.root, filepath.FromSlash(path))
}

func (c *commit) apply(ctx context.Context) error {
	if err := c.plan(); err != nil {
		return err
	}
	text, err := c.journal.marshal()
	if err != nil {
		return err
	}
	if err := c.write(c.held, text); err != nil {
		return fmt.Errorf("cannot write %s: %w", JournalName, cause(err))
	}
	if err := c.disk.SyncDir(c.root); err != nil {
		return fmt.Errorf("cannot write in %s: %w", c.root, cause(err))
	}
	c.journal.state = begun

	steps := c.journal.Entries[len(c.journal.Entries)-len(c.changes):]
	folders := c.journal.Entries[:len(c.journal.Entries)-len(c.changes)]
	for _, e := range folders {
		if err := c.disk.Mkdir(c.at(e.Path)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("cannot make the folder %s: %w", e.Path, cause(err))
		}
	}
	for i, e := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.stage(c.changes[i], e); err != nil {
			return fmt.Errorf("cannot write %s: %w", c.changes[i].Path, cause(err))
		}
	}
	for i, e := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.move(c.changes[i], e); err != nil {
			return fmt.Errorf("cannot write %s: %w", c.changes[i].Path, cause(err))
		}
	}
	for _, dir := range parents(c.journal.Entries) {
		if err := c.disk.SyncDir(c.at(dir)); err != nil {
			return fmt.Errorf("cannot write in %s: %w", dir, cause(err))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.write(c.held, commitMark()); err != nil {
		// The mark may have reached the disk all the same: it must not, with what is undone now.
		_ = c.held.Truncate(int64(len(text)))
		return fmt.Errorf("cannot write %s: %w", JournalName, cause(err))
	}
	c.journal.state = committed
	return nil
}

// plan lists the folders to be made and a step for each change, in order.
func (c *commit) plan() error {
	c.journal = journal{Made: len(c.folders)}
	known := map[string]bool{".": true}
	var need func(dir string) error
	need = func(dir string) error {
		if known[dir] {
			return nil
		}
		known[dir] = true
		if err := need(filepath.Dir(dir)); err != nil {
			return err
		}
		_, err := c.disk.Lstat(filepath.Join(c.root, dir))
		if missing(err) {
			c.journal.Entries = append(c.journal.Entries, entry{Op: opFolder, Path: filepath.ToSlash(dir)})
			return nil
		}
		return err
	}
	for _, change := range c.changes {
		if change.Action == Delete {
			continue
		}
		if err := need(filepath.Dir(change.target)); err != nil {
			return fmt.Errorf("cannot read %s: %w", filepath.ToSlash(filepath.Dir(change.target)), cause(err))
		}
	}
	for i, change := range c.changes {
		e := entry{Op: string(change.Action), Path: filepath.ToSlash(change.target)}
		newName, oldName := besidePath(path.Dir(e.Path), i)
		if change.Action != Delete {
			e.New, e.Sum = newName, sum(change.After)
		}
		if change.Action != Create {
			e.Old = oldName
		}
		c.journal.Entries = append(c.journal.Entries, e)
	}
	return nil
}

// stage writes a change's new content beside its target.
func (c *commit) stage(change Change, e entry) error {
	if e.New == "" {
		return nil
	}
	if change.Action == Update && change.mode&0o200 == 0 {
		return errors.New("it is read-only")
	}
	f, err := c.disk.Create(c.at(e.New), change.mode)
	if err != nil {
		return err
	}
	defer f.Close()
	if change.Action == Update {
		if err := f.Chmod(change.mode); err != nil {
			return err
		}
	}
	if err := c.write(f, change.After); err != nil {
		return err
	}
	return f.Close()
}

func (c *commit) write(f interface {
	Write([]byte) (int, error)
	Sync() error
}, content []byte) error {
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// move puts a change in place. What was there goes aside first and is then compared, so that no edit made meanwhile can
// slip through between a check and its use.
func (c *commit) move(change Change, e entry) error {
	if e.Old == "" {
		if _, err := c.disk.Lstat(c.at(e.Path)); err == nil {
			return errors.New("somebody else made it meanwhile: run the command again")
		} else if !missing(err) {
			return err
		}
	} else {
		if err := c.disk.Rename(c.at(e.Path), c.at(e.Old)); err != nil {
			return err
		}
		was, err := c.disk.ReadFile(c.at(e.Old))
		if err != nil {
			return err
		}
		if !bytes.Equal(was, change.Before) {
			return errors.New("somebody else changed it meanwhile: run the command again")
		}
	}
	if e.New == "" {
		return nil
	}
	return c.disk.Rename(c.at(e.New), c.at(e.Path))
}

// parents returns the folders of the entries' paths, each once, outermost first.
func parents(entries []entry) []string {
	var dirs []string
	for _, e := range entries {
		dirs = append(dirs, filepath.ToSlash(filepath.Dir(filepath.FromSlash(e.Path))))
	}
	slices.SortFunc(dirs, func(a, b string) int {
		if n := strings.Count(a, "/") - strings.Count(b, "/"); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(dirs)
}
