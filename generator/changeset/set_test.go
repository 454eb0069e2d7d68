package changeset

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(root string) error
		fill    func(s *Set)
		want    string
	}{
		{"above", nil, func(s *Set) { s.Write("../x", nil, 0) }, "../x is not a path inside "},
		{"absolute", nil, func(s *Set) { s.Remove("/etc/passwd") }, "/etc/passwd is not a path inside "},
		{"the root", nil, func(s *Set) { s.Write(".", nil, 0) }, ". is not a path inside "},
		{"folder in the way", nil, func(s *Set) { s.Write("pkg", nil, 0) }, "pkg is in the way: it is not a regular file"},
		{"file in the way", nil, func(s *Set) { s.Write("go.mod/x.go", nil, 0) }, "cannot write go.mod/x.go: not a directory"},
		{
			"link to nothing",
			func(root string) error { return os.Symlink("nowhere", filepath.Join(root, "dangling")) },
			func(s *Set) { s.Write("dangling", nil, 0) },
			"dangling leads to a symbolic link that points to nothing",
		},
		{
			"link out of the root",
			func(root string) error { return os.Symlink(filepath.Dir(root), filepath.Join(root, "out")) },
			func(s *Set) { s.Write("out/x.go", nil, 0) },
			"out/x.go leads out of ",
		},
		{
			"one file by two names", nil,
			func(s *Set) { s.Write("link.go", nil, 0); s.Write("elsewhere/linked.go", nil, 0) },
			"elsewhere/linked.go and link.go are the same file",
		},
		{
			"read-only",
			func(root string) error { return os.Chmod(filepath.Join(root, "go.mod"), 0o444) },
			func(s *Set) { s.Write("a", nil, 0); s.Write("go.mod", nil, 0) },
			"cannot write go.mod: it is read-only",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := startTree(t)
			if c.prepare != nil {
				if err := c.prepare(root); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, filepath.Dir(root))
			s := New(root)
			c.fill(s)
			err := s.Commit(context.Background())
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line that starts with %q", err, c.want)
			}
			compare(t, "after the refusal", tree(t, filepath.Dir(root)), before)
		})
	}
}

func TestAnEditMadeMeanwhileIsNotLost(t *testing.T) {
	for name, edit := range map[string]func(root string) error{
		"changed": func(root string) error { return os.WriteFile(filepath.Join(root, "go.mod"), []byte("mine\n"), 0o644) },
		"made": func(root string) error {
			return os.WriteFile(filepath.Join(root, "pkg/new.go"), []byte("mine\n"), 0o644)
		},
		"removed": func(root string) error { return os.Remove(filepath.Join(root, "pkg/old/gone.go")) },
	} {
		t.Run(name, func(t *testing.T) {
			root := startTree(t)
			s := New(root)
			fill(s)
			s.Write("pkg/new.go", []byte("package pkg\n"), 0)
			if _, err := s.Changes(); err != nil {
				t.Fatal(err)
			}
			if err := edit(root); err != nil {
				t.Fatal(err)
			}
			before := tree(t, root)
			if err := s.Commit(context.Background()); err == nil {
				t.Error("the commit went over the edit")
			}
			compare(t, "after the refused commit", tree(t, root), before)
		})
	}
}

// die leaves root as a commit does that is killed once n operations are done.
func die(t *testing.T, root string, n int) {
	t.Helper()
	s := New(root)
	s.open = (&faults{at: n, mode: killed}).open
	fill(s)
	if err := s.Commit(context.Background()); err == nil {
		t.Fatal("the commit survived")
	}
	if _, err := os.Lstat(filepath.Join(root, JournalName)); err != nil {
		t.Fatalf("no journal after %d operations: %v", n, err)
	}
}

func TestCommitRefusesToRunOverAnInterruptedOne(t *testing.T) {
	root := startTree(t)
	die(t, root, 40)
	s := New(root)
	s.Write("x", nil, 0)
	err := s.Commit(context.Background())
	if err == nil || !strings.Contains(err.Error(), "recover first") {
		t.Errorf("got %v", err)
	}
	if found, err := Recover(root); found != PutBack || err != nil {
		t.Errorf("recover: %v, %v", found, err)
	}
	if err := s.Commit(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestRecoverKeepsWhatWasEditedAfterTheKill(t *testing.T) {
	// Find a kill after which go.mod is in place and its former content aside.
	for n := 20; ; n++ {
		root := startTree(t)
		before := tree(t, root)
		die(t, root, n)
		goMod := filepath.Join(root, "go.mod")
		content, err := os.ReadFile(goMod)
		if err != nil || !strings.Contains(string(content), "go 1.26.0") {
			continue
		}
		if err := os.WriteFile(goMod, []byte("mine\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = Recover(root)
		if err == nil || !strings.Contains(err.Error(), "go.mod was changed since") {
			t.Fatalf("recover: %v", err)
		}
		if content, err := os.ReadFile(goMod); err != nil || string(content) != "mine\n" {
			t.Fatalf("the edit is lost: %q, %v", content, err)
		}
		if err := os.Remove(goMod); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(root); err != nil {
			t.Error(err)
		}
		compare(t, "after the edit was moved away", tree(t, root), before)
		return
	}
}

func TestRecoverWithoutJournal(t *testing.T) {
	for _, root := range []string{startTree(t), newRoot(t)} {
		before := tree(t, root)
		if found, err := Recover(root); found != NothingToRecover || err != nil {
			t.Errorf("%s: %v, %v", root, found, err)
		}
		compare(t, "after recovering nothing", tree(t, root), before)
	}
}

func TestRecoverLeavesForeignJournalsAlone(t *testing.T) {
	for name, text := range map[string]string{
		"prose":    "my notes\n",
		"newer":    `{"kubecraftJournal":2}` + "\n",
		"hook":     `{"kubecraftJournal":1}` + "\n" + `{"op":"create","path":".git/hooks/pre-commit","new":".git/hooks/.kubecraft-journal-0.new","sum":"s"}` + "\n",
		"any file": `{"kubecraftJournal":1}` + "\n" + `{"op":"update","path":"main.go","new":".kubecraft-journal-0.new","old":"go.mod","sum":"s"}` + "\n",
		"escape":   `{"kubecraftJournal":1}` + "\n" + `{"op":"create","path":"../../x","new":"n","sum":"s"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := startTree(t)
			if err := os.WriteFile(filepath.Join(root, JournalName), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			before := tree(t, root)
			if _, err := Recover(root); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line", err)
			}
			compare(t, "after the refusal", tree(t, root), before)
		})
	}
	t.Run("link", func(t *testing.T) {
		root := startTree(t)
		if err := os.Symlink("go.mod", filepath.Join(root, JournalName)); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(root); err == nil {
			t.Error("a link was taken for a journal")
		}
	})
}

func TestCommitsTakeTurns(t *testing.T) {
	root := startTree(t)
	done := make(chan error)
	const writers = 8
	for i := range writers {
		go func() {
			s := New(root)
			s.Write(strings.Repeat("d", i+1)+"/x", []byte("x"), 0)
			s.Write("shared", []byte(strings.Repeat("s", i)), 0)
			done <- s.Commit(context.Background())
		}()
	}
	won := 0
	for range writers {
		if err := <-done; err == nil {
			won++
		} else if !strings.Contains(err.Error(), "meanwhile") {
			t.Error(err)
		}
	}
	if won == 0 {
		t.Error("nobody committed")
	}
	dirs := 0
	for path := range tree(t, root) {
		if strings.HasSuffix(path, "d/x") {
			dirs++
		}
	}
	if dirs != won {
		t.Errorf("%d commits succeeded, %d are there", won, dirs)
	}
}
