package changeset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// startTree is a tree with one of everything that a commit can meet.
func startTree(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "pröject dir")
	for path, file := range map[string]struct {
		content string
		mode    fs.FileMode
	}{
		"go.mod":                  {"module example.com/demo\n", 0o644},
		"hack/update.sh":          {"#!/bin/sh\n", 0o755},
		"pki/secret":              {"s\n", 0o600},
		"pkg/old/gone.go":         {"package old\n", 0o644},
		"pkg/mixed/gone.go":       {"package mixed\n", 0o640},
		"pkg/mixed/stays.go":      {"package mixed\n", 0o644},
		"elsewhere/linked.go":     {"package elsewhere\n", 0o644},
		"elsewhere/dir/inside.go": {"package dir\n", 0o644},
		"same.txt":                {"same\n", 0o644},
	} {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(file.content), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link.go": "elsewhere/linked.go", "linkdir": filepath.Join(root, "elsewhere", "dir")} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func fill(s *Set) {
	s.Write("go.mod", []byte("module example.com/demo\n\ngo 1.26.0\n"), 0)
	s.Write("hack/update.sh", []byte("#!/bin/sh\nset -e\n"), 0)
	s.Write("pki/secret", []byte("t\n"), 0)
	s.Write("link.go", []byte("package linked\n"), 0)
	s.Write("linkdir/inside.go", []byte("package inside\n"), 0)
	s.Write("linkdir/new.go", []byte("package inside\n"), 0)
	s.Write("pkg/a/b/c/new.go", []byte("package c\n"), 0)
	s.Write("pkg/a/b/empty", nil, 0)
	s.Write("bin/run.sh", []byte("#!/bin/sh\n"), 0o755)
	s.Write("same.txt", []byte("same\n"), 0)
	s.Remove("pkg/old/gone.go")
	s.Remove("pkg/mixed/gone.go")
	s.Remove("never/there.go")
}

// tree reads everything below root: what it is, its permissions and its content.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == root && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text := ""
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text = string(content)
		case info.Mode()&fs.ModeSymlink != 0:
			if text, err = os.Readlink(path); err != nil {
				return err
			}
		}
		found[filepath.ToSlash(rel)] = info.Mode().String() + " " + text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// compare fails the test if two trees differ, and says in what.
func compare(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	if difference := differ(got, want); difference != "" {
		t.Errorf("%s:%s", when, difference)
	}
}

func differ(got, want map[string]string) string {
	var lines strings.Builder
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got[path] != want[path] {
			fmt.Fprintf(&lines, "\n\t%s is %q, not %q", path, got[path], want[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[path]; !ok {
			fmt.Fprintf(&lines, "\n\t%s is left over", path)
		}
	}
	return lines.String()
}

func TestCommit(t *testing.T) {
	root := startTree(t)
	want := tree(t, root)
	s := New(root)
	fill(s)
	if err := s.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	want["go.mod"] = "-rw-r--r-- module example.com/demo\n\ngo 1.26.0\n"
	want["hack/update.sh"] = "-rwxr-xr-x #!/bin/sh\nset -e\n"
	want["pki/secret"] = "-rw------- t\n"
	want["elsewhere/linked.go"] = "-rw-r--r-- package linked\n"
	want["elsewhere/dir/inside.go"] = "-rw-r--r-- package inside\n"
	want["elsewhere/dir/new.go"] = "-rw-r--r-- package inside\n"
	want["pkg/a"] = want["pkg"]
	want["pkg/a/b"] = want["pkg"]
	want["pkg/a/b/c"] = want["pkg"]
	want["bin"] = want["pkg"]
	want["pkg/a/b/c/new.go"] = "-rw-r--r-- package c\n"
	want["pkg/a/b/empty"] = "-rw-r--r-- "
	want["bin/run.sh"] = "-rwxr-xr-x #!/bin/sh\n"
	delete(want, "pkg/old/gone.go")
	delete(want, "pkg/old")
	delete(want, "pkg/mixed/gone.go")
	compare(t, "after the commit", tree(t, root), want)

	again := New(root)
	fill(again)
	if changes, err := again.Changes(); err != nil || len(changes) != 0 {
		t.Errorf("the same set again has changes %v, %v", changes, err)
	}
	if err := again.Commit(context.Background()); err != nil {
		t.Error(err)
	}
	compare(t, "after the same commit again", tree(t, root), want)
}

func TestEveryFailureLeavesTheTreeAsItWas(t *testing.T) {
	for _, mode := range []struct {
		name string
		mode faultMode
	}{{"once", once}, {"full", full}, {"killed", killed}} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			for _, start := range []struct {
				root func(*testing.T) string
				top  string // from the root: what must be as it was
			}{{startTree, "."}, {newRoot, "../.."}} {
				total := 0
				for n := 1; total == 0; n++ {
					root := start.root(t)
					if !breakAt(t, root, filepath.Join(root, start.top), n, mode.mode) {
						total = n - 1
					}
				}
				if total < 20 {
					t.Errorf("only %d operations were tried: the injection does not reach the commit", total)
				}
			}
		})
	}
}

// newRoot is the path of a folder that does not exist yet, nor does its parent.
func newRoot(t *testing.T) string {
	return filepath.Join(t.TempDir(), "new", "root")
}

// breakAt commits with a fault in the nth operation and checks the tree at top. It returns false once n is past the last.
func breakAt(t *testing.T, root, top string, n int, mode faultMode) bool {
	t.Helper()
	before := tree(t, top)
	when := fmt.Sprintf("operation %d", n)

	f := &faults{at: n, mode: mode}
	s := New(root)
	s.open = f.open
	fill(s)
	err := s.Commit(context.Background())
	if f.n < n {
		if err != nil {
			t.Errorf("%s: no fault, but %v", when, err)
		}
		return false
	}
	if mode != killed && err != nil {
		if !errors.Is(err, errInjected) {
			t.Errorf("%s: the error hides its cause: %v", when, err)
		}
		compare(t, when, tree(t, top), before)
		return true
	}
	// After a kill, and after a commit that succeeded but could not tidy up, the next command recovers.
	if _, err := Recover(root); err != nil {
		t.Errorf("%s: recover: %v", when, err)
	}
	got := tree(t, top)
	if err == nil || differ(got, before) != "" {
		if _, there := before["new"]; !there && len(tree(t, root)) <= 1 && err != nil {
			return true // killed before the journal was there: empty folders are all that is left
		}
		check := New(root)
		fill(check)
		if changes, err := check.Changes(); err != nil || len(changes) != 0 {
			t.Errorf("%s: neither as before nor as wanted: %v%s", when, err, differ(got, before))
		}
		for path := range got {
			if strings.Contains(path, JournalName) {
				t.Errorf("%s: %s is left over", when, path)
			}
		}
	}
	return true
}

func TestRecoverCanBeInterruptedToo(t *testing.T) {
	t.Parallel()
	// The commit dies at every third operation; each recovery dies one operation later than the one before it, until
	// one gets through.
	for n := 3; ; n += 3 {
		root := startTree(t)
		before := tree(t, root)
		f := &faults{at: n, mode: killed}
		s := New(root)
		s.open = f.open
		fill(s)
		err := s.Commit(context.Background())
		if f.n < n {
			return
		}
		for m := 1; ; m++ {
			f := &faults{at: m, mode: killed}
			if _, err := recoverOn(root, f.open); f.n < m {
				if err != nil {
					t.Errorf("killed at %d, recovery: %v", n, err)
				}
				break
			}
		}
		if err != nil && differ(tree(t, root), before) != "" {
			check := New(root)
			fill(check)
			if changes, err := check.Changes(); err != nil || len(changes) != 0 {
				t.Errorf("killed at %d: neither as before nor as wanted:%s", n, differ(tree(t, root), before))
			}
		}
	}
}

func TestCancelAtEveryOperation(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		root := startTree(t)
		before := tree(t, root)
		ctx, cancel := context.WithCancel(context.Background())
		f := &faults{on: func(now int) {
			if now == n {
				cancel()
			}
		}}
		s := New(root)
		s.open = f.open
		fill(s)
		err := s.Commit(ctx)
		cancel()
		if f.n < n {
			return
		}
		if errors.Is(err, context.Canceled) {
			compare(t, fmt.Sprintf("cancelled at operation %d", n), tree(t, root), before)
		} else if err != nil {
			t.Errorf("cancelled at operation %d: %v", n, err)
		}
	}
}
