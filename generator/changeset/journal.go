package changeset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// JournalName is the file in a set's root that is there while a commit is under way, and after one was killed.
const JournalName = ".kubecraft-journal"

const journalVersion = 1

// journal is what a commit is about to do, or has done: enough to undo it. Paths are slash-separated and relative to
// the folder of the journal.
//
// On disk it is one JSON object per line: head, entries, a line that says "begin" with a checksum of all above it, and,
// once every file is in its place, a line that says "commit". Nothing but the journal is touched before "begin" is on
// disk, and after "commit" there is no way back.
type journal struct {
	Made    int // how many folders were made for the root itself: the root, its parent, ...
	Entries []entry
	state   journalState
}

type journalState int

const (
	unbegun   journalState = iota // nothing has been touched
	begun                         // files may have been touched: undo
	committed                     // every file is in place: tidy up
)

// entry is one step. Op is "folder" for a folder to be made, or an Action.
type entry struct {
	Op   string `json:"op"`
	Path string `json:"path,omitempty"`
	// New is where the new content waits, Old where the previous file is kept.
	New string `json:"new,omitempty"`
	Old string `json:"old,omitempty"`
	// Sum is the SHA-256 of the new content ("begin": of the lines above).
	Sum string `json:"sum,omitempty"`
}

const (
	opFolder = "folder"
	opBegin  = "begin"
	opCommit = "commit"
)

type journalHead struct {
	Kubecraft int `json:"kubecraftJournal"`
	Made      int `json:"made,omitempty"`
}

func (j journal) marshal() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	if err := enc.Encode(journalHead{Kubecraft: journalVersion, Made: j.Made}); err != nil {
		return nil, err
	}
	for _, e := range j.Entries {
		if err := enc.Encode(e); err != nil {
			return nil, err
		}
	}
	if err := enc.Encode(entry{Op: opBegin, Sum: sum(out.Bytes())}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func commitMark() []byte {
	return []byte(`{"op":"` + opCommit + `"}` + "\n")
}

var errDamaged = errors.New("damaged")

// parseJournal reads what marshal and commitMark wrote, as far as it got. A journal that was cut short before its
// "begin" is unbegun, not damaged: that is what a kill leaves.
func parseJournal(data []byte) (journal, error) {
	var j journal
	for pos, first := 0, true; ; first = false {
		end := bytes.IndexByte(data[pos:], '\n')
		if end < 0 {
			return j, nil // a line that was not finished does not count
		}
		line := data[pos : pos+end]
		if first {
			var head journalHead
			if err := strict(line, &head); err != nil || head.Kubecraft < 1 || head.Made < 0 {
				return journal{}, errDamaged
			}
			if head.Kubecraft > journalVersion {
				return journal{}, errors.New("written by a newer kubecraft: use that one")
			}
			j.Made = head.Made
		} else if err := j.add(line, data[:pos]); err != nil {
			return journal{}, err
		}
		pos += end + 1
	}
}

func (j *journal) add(line, above []byte) error {
	var e entry
	if err := strict(line, &e); err != nil {
		return errDamaged
	}
	switch {
	case j.state == unbegun && e.Op == opBegin && e.Sum == sum(above):
		j.state = begun
	case j.state == begun && e == entry{Op: opCommit}:
		j.state = committed
	case j.state == unbegun && e.valid():
		j.Entries = append(j.Entries, e)
	default:
		return errDamaged
	}
	return nil
}

// besidePath names the files that step i of a commit keeps beside a file in dir: its new content and the old. The names start with
// a dot so that the go command and editors pass over them, and hold nothing of the path's so that they are never too long.
func besidePath(dir string, i int) (newName, oldName string) {
	beside := path.Join(dir, JournalName+"-"+strconv.Itoa(i))
	return beside + ".new", beside + ".old"
}

var besideName = regexp.MustCompile(`^` + regexp.QuoteMeta(JournalName) + `-[0-9]+\.(new|old)$`)

// valid says whether an entry could be one of kubecraft's. A journal comes from disk, perhaps with a cloned project: it
// must not be able to name anything outside, nor to move other files than a commit does, nor to touch git's.
func (e entry) valid() bool {
	if e.Path == "." || !filepath.IsLocal(filepath.FromSlash(e.Path)) || slices.Contains(strings.Split(e.Path, "/"), ".git") {
		return false
	}
	for _, name := range []string{e.New, e.Old} {
		if name != "" && (path.Dir(name) != path.Dir(e.Path) || !besideName.MatchString(path.Base(name))) {
			return false
		}
	}
	switch e.Op {
	case opFolder:
		return e.New == "" && e.Old == "" && e.Sum == ""
	case string(Create):
		return e.New != "" && e.Old == "" && e.Sum != ""
	case string(Update):
		return e.New != "" && e.Old != "" && e.Sum != ""
	case string(Delete):
		return e.New == "" && e.Old != "" && e.Sum == ""
	}
	return false
}

func strict(line []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return fmt.Errorf("more than one value")
	}
	return nil
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}
