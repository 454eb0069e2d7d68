package handover

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// newEntry is one that has the binary of a compiler that writes a few letters.
func newEntry(t *testing.T) *Entry {
	t.Helper()
	e, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := e.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	build, err := e.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	write(t, build.Output, "binary")
	if _, err := os.Stat(filepath.Join(build.Dir, "cmd", "kubecraft", "main.go")); err != nil {
		t.Error(err)
	}
	binary, err := e.Keep()
	if err != nil || binary != e.Binary() {
		t.Fatalf("kept %q, is %q: %v", binary, e.Binary(), err)
	}
	if _, err := os.Stat(build.Dir); !os.IsNotExist(err) {
		t.Errorf("the sources are left behind: %v", err)
	}
	return e
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestABinaryIsWhatWasMade(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		damage func(e *Entry) error
		used   bool
		intact bool
	}{
		"nothing":       {func(*Entry) error { return nil }, true, true},
		"cut":           {func(e *Entry) error { return os.Truncate(e.binary(), 3) }, false, false},
		"other content": {func(e *Entry) error { return os.WriteFile(e.binary(), []byte("BINARY"), 0o700) }, false, false},
		"touched":       {func(e *Entry) error { return os.Chtimes(e.binary(), later, later) }, true, true},
		"removed":       {func(e *Entry) error { return os.Remove(e.binary()) }, false, false},
		"no record":     {func(e *Entry) error { return os.Remove(filepath.Join(e.dir, recordName)) }, false, false},
		"half a record": {func(e *Entry) error { return os.Truncate(filepath.Join(e.dir, recordName), 10) }, false, false},
		"discarded":     {func(e *Entry) error { return e.Discard() }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEntry(t)
			if err := c.damage(e); err != nil {
				t.Fatal(err)
			}
			if used := e.Binary() != ""; used != c.used {
				t.Errorf("is used: %v", used)
			}
			if intact := e.Intact(); intact != c.intact {
				t.Errorf("is intact: %v", intact)
			}
		})
	}
}

// A time that was set back does not hide a change of as many bytes, where the system notes the time of changes.
func TestATimeThatIsSetBackHidesNothing(t *testing.T) {
	t.Parallel()
	e := newEntry(t)
	if changed(e.binary()) == "" {
		t.Skip("the system does not say")
	}
	info, err := os.Stat(e.binary())
	if err != nil {
		t.Fatal(err)
	}
	write(t, e.binary(), "BINARY")
	if err := os.Chtimes(e.binary(), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if e.Binary() != "" {
		t.Error("it is used")
	}
}

// One that was copied is read once: its record is of the copy then.
func TestACopyIsReadOnce(t *testing.T) {
	t.Parallel()
	e := newEntry(t)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(e.binary(), later, later); err != nil {
		t.Fatal(err)
	}
	if e.Binary() == "" {
		t.Fatal("it is not used")
	}
	was, ok := e.record()
	if seen, err := look(e.binary()); err != nil || !ok || !was.Seen.equal(seen) {
		t.Errorf("the record is %+v, the file %+v: %v", was, seen, err)
	}
}

func TestOneIsMadeAtATime(t *testing.T) {
	t.Parallel()
	e, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	other := *e
	unlock, err := e.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Who gives up while he waits has nothing locked.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := other.Lock(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the second has it too: %v", err)
	}
	type got struct {
		unlock func()
		err    error
	}
	second := make(chan got)
	go func() {
		unlock, err := other.Lock(context.Background())
		second <- got{unlock, err}
	}()
	select {
	case g := <-second:
		t.Fatalf("the second did not wait: %v", g.err)
	default:
	}
	unlock()
	g := <-second
	if g.err != nil {
		t.Fatal(g.err)
	}
	g.unlock()
}

func TestEntriesThatNobodyUsesGo(t *testing.T) {
	t.Parallel()
	e := newEntry(t)
	age := func(name string, days int) string {
		dir := filepath.Join(e.root, name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "kubecraft"), "old")
		then := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	old, young, own := age("old", 31), age("young", 29), age(filepath.Base(e.dir), 31)
	if _, err := e.Prepare(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("of 31 days ago: %v", err)
	}
	for _, dir := range []string{young, own} {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
}

func TestUseKeepsAnEntry(t *testing.T) {
	t.Parallel()
	e := newEntry(t)
	then := time.Now().Add(-31 * 24 * time.Hour)
	if err := os.Chtimes(e.dir, then, then); err != nil {
		t.Fatal(err)
	}
	if e.Binary() == "" {
		t.Fatal("it is not used")
	}
	newFor(e.root, nil).prune()
	if e.Binary() == "" {
		t.Error("it is gone")
	}
}

func TestEntriesAreForTheirSources(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	files := map[string][]byte{"a.go": []byte("a"), "b.go": []byte("b")}
	dir := newFor(root, files).dir
	if again := newFor(root, files).dir; again != dir {
		t.Errorf("%s and %s are of the same sources", dir, again)
	}
	for name, other := range map[string]map[string][]byte{
		"content": {"a.go": []byte("a"), "b.go": []byte("c")},
		"a name":  {"a.go": []byte("a"), "c.go": []byte("b")},
		"a file":  {"a.go": []byte("a")},
		"borders": {"a.go": []byte("ab.go 1\nb")},
	} {
		if newFor(root, other).dir == dir {
			t.Errorf("other %s, and the same entry", name)
		}
	}
}
