package storage

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/apis/example"
	"k8s.io/apiserver/pkg/storage"
)

// smallDisk mounts a disk of 4 MiB and returns its path, or skips the test if nobody lets it.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp takes all the space that dir has left, and returns the file that holds it.
func fillUp(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	_, full := io.Copy(f, zeros{})
	if !errors.Is(full, syscall.ENOSPC) {
		t.Fatalf("the disk does not get full: %v", full)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestFullDiskIsAServerErrorAndHeals(t *testing.T) {
	disk := smallDisk(t)
	path := filepath.Join(disk, "data.db")
	s, pods := reopen(t, path, -1)
	defer func() { _ = s.Close() }() // whichever is open at the end
	before := create(t, pods, "before").ResourceVersion
	ballast := fillUp(t, disk)

	var stored []string
	var refused error
	for i := 0; refused == nil; i++ {
		if i == 1000 {
			t.Fatal("a full disk takes whatever comes")
		}
		name := strconv.Itoa(i)
		pod := &example.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
		if refused = pods.Create(t.Context(), podKey(name), pod, &example.Pod{}, 0); refused == nil {
			stored = append(stored, name)
		}
	}
	want := "the disk with " + path + " is full: free some space"
	if !apierrors.IsInternalError(refused) || !strings.HasSuffix(refused.Error(), want) {
		t.Errorf("got %v, want %s", refused, want)
	}
	for _, version := range []string{"", before} { // the store, and the watch cache
		if err := pods.Get(t.Context(), podKey("before"), storage.GetOptions{ResourceVersion: version}, &example.Pod{}); err != nil {
			t.Errorf("reading at %q: %v", version, err)
		}
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	create(t, pods, "after")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, pods = reopen(t, path, -1)
	list := &example.PodList{}
	err := pods.GetList(t.Context(), "/pods/", storage.ListOptions{Predicate: storage.Everything, Recursive: true}, list)
	if err != nil || len(list.Items) != len(stored)+2 {
		t.Errorf("%d objects after a restart, want %d (%v)", len(list.Items), len(stored)+2, err)
	}
}
