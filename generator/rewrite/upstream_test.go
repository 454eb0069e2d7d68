package rewrite

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Registration files that kubecraft did not write: all of upstream's.
func TestAddKnownTypesUpstream(t *testing.T) {
	files := upstreamRegistrations(t)
	if len(files) < 60 {
		t.Fatalf("found %d files with registrations, want all of k8s.io/api and sample-apiserver", len(files))
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, crlf := range []bool{false, true} {
			if crlf {
				src = bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
			}
			out, err := AddKnownTypes(file, src, "Kubecraft", "KubecraftList")
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			checkAdded(t, src, out, "Kubecraft", "KubecraftList")
			if back, err := RemoveKnownTypes(file, out, "Kubecraft", "KubecraftList"); err != nil || !bytes.Equal(back, src) {
				t.Errorf("%s: removed again (%v):\n%s", file, err, back)
			}
			if !formatted(out) {
				t.Errorf("%s: no longer formatted:\n%s", file, out)
			}
			if crlf && bytes.Count(out, []byte("\n")) != bytes.Count(out, []byte("\r\n")) {
				t.Errorf("%s: mixed line endings", file)
			}
		}
	}
}

// upstreamRegistrations returns every file that calls AddKnownTypes in the modules of API types in the module cache.
func upstreamRegistrations(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, module := range []string{"k8s.io/api", "k8s.io/sample-apiserver"} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatalf("%s: %v", module, err)
		}
		dirs := []string{strings.TrimSpace(string(out))}
		if module == "k8s.io/api" {
			// The others of the same version are no dependencies: they are tried where they happen to be.
			for _, name := range []string{"apiextensions-apiserver", "kube-aggregator", "metrics"} {
				sibling := strings.Replace(dirs[0], "k8s.io"+string(filepath.Separator)+"api@", "k8s.io"+string(filepath.Separator)+name+"@", 1)
				if _, err := os.Stat(sibling); err == nil {
					dirs = append(dirs, sibling)
				}
			}
		}
		for _, dir := range dirs {
			err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.Name() != "register.go" {
					return err
				}
				src, err := os.ReadFile(path)
				if bytes.Contains(src, []byte(".AddKnownTypes(")) {
					files = append(files, path)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// checkAdded checks that out is src with one insertion, in which each kind is registered once, and that a second
// application changes nothing.
func checkAdded(t *testing.T, src, out []byte, kinds ...string) {
	t.Helper()
	inserted, ok := insertion(src, out)
	if !ok {
		t.Errorf("bytes of the file changed:\n%s\nis now\n%s", src, out)
		return
	}
	for _, kind := range kinds {
		known, err := KnownTypes("out.go", out)
		if err != nil {
			t.Errorf("%v\n%s", err, out)
			return
		}
		n := 0
		for _, k := range known {
			if k == kind {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is registered %d times (inserted %q):\n%s", kind, n, inserted, out)
		}
	}
	again, err := AddKnownTypes("out.go", out, kinds...)
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("a second application changed the file (%v):\n%s", err, again)
	}
}

// insertion returns what stands in out and not in src, and whether that is one piece and all that differs.
func insertion(src, out []byte) ([]byte, bool) {
	if len(out) < len(src) {
		return nil, false
	}
	prefix := 0
	for prefix < len(src) && src[prefix] == out[prefix] {
		prefix++
	}
	suffix := 0
	for suffix < len(src)-prefix && src[len(src)-1-suffix] == out[len(out)-1-suffix] {
		suffix++
	}
	return out[prefix : len(out)-suffix], prefix+suffix == len(src)
}
