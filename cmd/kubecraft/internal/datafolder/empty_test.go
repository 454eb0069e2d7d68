package datafolder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"kubecraft.db", "kubecraft.db-wal", "kubecraft.db-shm", "port", "notes.dbx", ".db"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEmpty(t *testing.T) {
	dir := folder(t)
	removed, err := Empty(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"kubecraft.db", "kubecraft.db-shm", "kubecraft.db-wal"}; !slices.Equal(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	for _, name := range []string{"port", "notes.dbx", ".db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if removed, err := Empty(dir); err != nil || len(removed) != 0 {
		t.Errorf("the second time: %v, %v", removed, err)
	}
	if removed, err := Empty(filepath.Join(dir, "none")); err != nil || len(removed) != 0 {
		t.Errorf("without a folder: %v, %v", removed, err)
	}
}

func TestEmptyRefusesWhileInUse(t *testing.T) {
	dir := folder(t)
	lock, err := Acquire(filepath.Join(dir, "kubecraft.db.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := os.WriteFile(filepath.Join(dir, "kubecraft.db.lock"), []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Empty(dir)
	if err == nil || !strings.Contains(err.Error(), "is in use by a server (process 4711): stop it first") {
		t.Errorf("got %v", err)
	}
	if files, err := Files(dir); err != nil || len(files) != 3 {
		t.Errorf("left %v, %v", files, err)
	}
}

func TestWaitForALock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := WaitFor(t.Context(), path); err != nil {
		t.Errorf("without the file: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
	lock, err := Acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := WaitFor(over, path); err == nil || !strings.Contains(err.Error(), "is in use by a server") {
		t.Errorf("while it is locked: %v", err)
	}
	done := make(chan error)
	go func() { done <- WaitFor(context.Background(), path) }()
	lock.Close()
	if err := <-done; err != nil {
		t.Errorf("after it was: %v", err)
	}
}
