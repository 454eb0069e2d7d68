package controlplane

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kubecraft/kubecraft/runtime/storage"
)

func newFacade(t *testing.T, data string) *facade {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Backend: storage.Memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	f, err := serveEtcd(store, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shortFolder is one in which a socket has room.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "etcd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (f *facade) socket() string { return strings.TrimPrefix(f.url, "unix:") }

// The socket of a data folder whose path is too long for one is in a temporary folder, until the server stops.
func TestASocketLiesInAShortFolder(t *testing.T) {
	t.Parallel()
	short := shortFolder(t)
	// The longest path that does, and one that is a byte longer.
	room := maxSocketPath - len(filepath.Join(short, "x", "etcd", "client.sock")) + 1
	fits, long := filepath.Join(short, strings.Repeat("x", room)), filepath.Join(short, strings.Repeat("x", room+1))

	f := newFacade(t, fits)
	if want := filepath.Join(fits, "etcd", "client.sock"); f.socket() != want || len(want) != maxSocketPath || !answers(want) {
		t.Errorf("the socket is %s, of %d bytes", f.socket(), len(f.socket()))
	}
	f.stop()
	if _, err := os.Stat(filepath.Join(fits, "etcd")); err != nil {
		t.Errorf("the data folder's own: %v", err)
	}

	f = newFacade(t, long)
	socket := f.socket()
	if len(socket) > maxSocketPath || strings.HasPrefix(socket, long) || !answers(socket) {
		t.Errorf("the socket is %s, of %d bytes", socket, len(socket))
	}
	if info, err := os.Stat(filepath.Dir(socket)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter its folder: %v, %v", info, err)
	}
	if _, err := os.Stat(long); !os.IsNotExist(err) {
		t.Errorf("the data folder: %v", err)
	}
	f.stop()
	if _, err := os.Stat(filepath.Dir(socket)); !os.IsNotExist(err) {
		t.Errorf("what a stop leaves: %v", err)
	}
}

// Two servers with one data folder, in memory, have a socket each. That of a server that was killed is in nobody's way.
func TestASocketIsTakenFromNobody(t *testing.T) {
	t.Parallel()
	data := shortFolder(t)
	first, second := newFacade(t, data), newFacade(t, data)
	if first.url == second.url || !answers(first.socket()) || !answers(second.socket()) {
		t.Errorf("%s and %s", first.url, second.url)
	}
	second.stop()
	if !answers(first.socket()) {
		t.Error("with the second the first has stopped")
	}
	first.stop()

	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: first.socket(), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	_ = left.Close()
	if _, err := os.Stat(first.socket()); err != nil {
		t.Fatal(err)
	}
	third := newFacade(t, data)
	if third.url != first.url || !answers(third.socket()) {
		t.Errorf("it is at %s, not %s", third.url, first.url)
	}
	third.stop()
}

// Clients would take what is in the path for what it is in a URL.
func TestASocketHasAPathForURLs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"c#", "100%"} {
		data := filepath.Join(shortFolder(t), name)
		f := newFacade(t, data)
		if strings.HasPrefix(f.socket(), data) || !answers(f.socket()) {
			t.Errorf("the socket is %s", f.socket())
		}
		f.stop()
	}
}

func TestASocketWithoutAPlaceIsSaid(t *testing.T) {
	temp := filepath.Join(shortFolder(t), "c#")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	store, err := storage.Open(t.Context(), storage.Options{Backend: storage.Memory})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := serveEtcd(store, ""); err == nil || !strings.HasSuffix(err.Error(), "set TMPDIR to another folder") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
