package changeset

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestDiffIsReadable(t *testing.T) {
	root := startTree(t)
	s := New(root)
	s.Write("go.mod", []byte("module example.com/demo\n\ngo 1.26.0"), 0)
	s.Write("new file.sh", []byte("#!/bin/sh\n"), 0o755)
	s.Write("logo.png", []byte("\x89PNG\x00"), 0)
	s.Remove("pkg/old/gone.go")
	var got bytes.Buffer
	if err := s.Diff(&got); err != nil {
		t.Fatal(err)
	}
	want := `diff --git a/go.mod b/go.mod
--- a/go.mod
+++ b/go.mod
@@ -1,1 +1,3 @@
 module example.com/demo
+
+go 1.26.0
\ No newline at end of file
diff --git a/logo.png b/logo.png
new file mode 100644
Binary files /dev/null and b/logo.png differ
diff --git a/new file.sh b/new file.sh
new file mode 100755
--- /dev/null
+++ b/new file.sh` + "\t" + `
@@ -0,0 +1,1 @@
+#!/bin/sh
diff --git a/pkg/old/gone.go b/pkg/old/gone.go
deleted file mode 100644
--- a/pkg/old/gone.go
+++ /dev/null
@@ -1,1 +0,0 @@
-package old
`
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

// TestGitAppliesTheDiff commits a set in one copy of a tree and lets git apply its diff in another.
func TestGitAppliesTheDiff(t *testing.T) {
	ours, gits := startTree(t), startTree(t)
	set := func(root string) *Set {
		s := New(root)
		fill(s)
		s.Remove("link.go") // git would replace links
		delete(s.wanted, "link.go")
		delete(s.wanted, "linkdir/inside.go")
		delete(s.wanted, "linkdir/new.go")
		s.Write(`päth with "quotes" and	tab`, []byte("x\n\nno newline"), 0)
		return s
	}
	var patch bytes.Buffer
	if err := set(gits).Diff(&patch); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "--verbose", "-")
	cmd.Dir = gits
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(gits))
	cmd.Stdin = &patch
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	if err := set(ours).Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	// git knows one permission only.
	got, want := tree(t, gits), tree(t, ours)
	for _, path := range []string{"pki/secret", "linkdir"} {
		got[path], want[path] = strings.TrimLeft(got[path], "Lrwx-"), strings.TrimLeft(want[path], "Lrwx-")
	}
	delete(got, "linkdir")
	delete(want, "linkdir")
	compare(t, "git apply", got, want)
}
