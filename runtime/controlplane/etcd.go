package controlplane

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/klog/v2"

	"github.com/kubecraft/kubecraft/runtime/storage"
	"github.com/kubecraft/kubecraft/runtime/storage/etcd/v3rpc"
)

// maxSocketPath is how long the path of a unix socket may be on every system: macOS has 104 bytes, with the last one zero.
const maxSocketPath = 103

// notInURLs are what etcd's clients do not find a socket with, in whose path they take it for what it is in a URL.
const notInURLs = "#?%"

// facade serves a store as etcd's gRPC API on a unix socket: to etcdctl, and to those of upstream's parts that dial etcd themselves.
type facade struct {
	server *v3rpc.Server
	url    string
	folder string // to remove in the end; empty if it is of the data folder
	served chan struct{}
}

// serveEtcd serves on a socket in a folder that only its owner may enter: etcd below the data folder or, without one
// or if its path is too long, not for a URL or another server's, a temporary one.
func serveEtcd(store *storage.Store, data string) (*facade, error) {
	f := &facade{served: make(chan struct{})}
	folder := filepath.Join(data, "etcd")
	if path := filepath.Join(folder, "client.sock"); data == "" || len(path) > maxSocketPath || strings.ContainsAny(path, notInURLs) || answers(path) {
		made, err := os.MkdirTemp("", "kubecraft-")
		if err != nil {
			return nil, fmt.Errorf("cannot make a folder for the socket of the etcd API: %w", err)
		}
		f.folder, folder = made, made
		if strings.ContainsAny(made, notInURLs) {
			f.removeFolder()
			return nil, fmt.Errorf("cannot serve the etcd API below %s: the path has one of %s; set TMPDIR to another folder", os.TempDir(), notInURLs)
		}
	} else if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make a folder for the socket of the etcd API: %w", err)
	} else if err := os.Chmod(folder, 0o700); err != nil {
		return nil, fmt.Errorf("others can enter the folder of the etcd API: %w", err)
	}
	path := filepath.Join(folder, "client.sock")
	_ = os.Remove(path) // of a server that was killed
	listener, err := net.Listen("unix", path)
	if err != nil {
		f.removeFolder()
		return nil, fmt.Errorf("cannot serve the etcd API on %s: %w", path, err)
	}
	f.url = "unix:" + path
	f.server = v3rpc.New(store.MVCC(), v3rpc.Options{Size: store.Size, URLs: []string{f.url}})
	go func() {
		defer close(f.served)
		if err := f.server.Serve(listener); err != nil {
			klog.Errorf("the etcd API is served no more: %v", err)
		}
	}()
	return f, nil
}

// answers says whether somebody serves on a socket: a store in memory has no lock that would keep two servers apart.
func answers(path string) bool {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// stop ends all calls. A second call does nothing.
func (f *facade) stop() {
	f.server.Stop()
	<-f.served
	f.removeFolder()
}

func (f *facade) removeFolder() {
	if f.folder != "" {
		_ = os.RemoveAll(f.folder)
	}
}
