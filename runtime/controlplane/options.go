package controlplane

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/runtime/storage"
)

// Options say where a control plane serves and keeps its things. The zero value serves on a free port of the loopback
// address, from memory, with its certificates in a folder that Stop removes.
type Options struct {
	// Name is the cluster's, in the kubeconfig and in documents. "kubecraft" if empty.
	Name string
	// Address is where to listen; 127.0.0.1 if empty.
	Address string
	// Port is what to listen on. 0 means: the one chosen at the first start and kept in Data, or a free one.
	Port int
	// Storage is storage.Memory, storage.SQLite or storage.Etcd. Empty means SQLite, or Memory without Data.
	Storage string
	// EtcdServers are the client URLs of the Etcd storage.
	EtcdServers []string
	// Data is the folder of the database and the port. It is made if missing.
	Data string
	// PKI is the folder of certificates and keys. A temporary one if empty.
	PKI string
	// Kubeconfig is the file to write; none if empty. Entries of others in it stay.
	Kubeconfig string
}

func (o Options) complete() Options {
	if o.Name == "" {
		o.Name = "kubecraft"
	}
	if o.Address == "" {
		o.Address = "127.0.0.1"
	}
	if o.Storage == "" {
		o.Storage = storage.SQLite
		if o.Data == "" {
			o.Storage = storage.Memory
		}
	}
	return o
}

func (o Options) storage() storage.Options {
	return storage.Options{
		Backend:   o.Storage,
		Path:      filepath.Join(o.Data, "kubecraft.db"),
		Endpoints: o.EtcdServers,
	}
}

func (o Options) portFile() string { return filepath.Join(o.Data, "port") }

// isNew says that no control plane has served from the data folder yet.
func (o Options) isNew() bool {
	_, err := os.Stat(o.portFile())
	return errors.Is(err, fs.ErrNotExist)
}

// listen opens the port: the one asked for, else the one kept in the data folder, else a free one, which is kept.
func (o Options) listen() (net.Listener, error) {
	file, port := o.portFile(), o.Port
	if port == 0 && o.Data != "" {
		kept, err := readPort(file)
		if err != nil {
			return nil, err
		}
		port = kept
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(o.Address, strconv.Itoa(port)))
	if err != nil {
		where := "asked for with --port; name another"
		if o.Port == 0 {
			where = "kept in " + file + "; stop what uses it, or name another with --port"
		}
		if port != 0 && isInUse(err) {
			return nil, fmt.Errorf("port %d of %s is in use by another process (%s)", port, o.Address, where)
		}
		return nil, fmt.Errorf("cannot listen on %s: %w", net.JoinHostPort(o.Address, strconv.Itoa(port)), err)
	}
	if o.Data != "" {
		chosen := listener.Addr().(*net.TCPAddr).Port
		if kept, err := readPort(file); err != nil || kept != chosen {
			if err := os.WriteFile(file, []byte(strconv.Itoa(chosen)+"\n"), 0o600); err != nil {
				listener.Close()
				return nil, err
			}
		}
	}
	return listener, nil
}

// readPort returns 0 if no port is kept.
func readPort(file string) (int, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%s: %q is not a port; delete the file to have one chosen", file, strings.TrimSpace(string(text)))
	}
	return port, nil
}

func isInUse(err error) bool {
	// The error's number differs by system, its text hardly.
	text := err.Error()
	return strings.Contains(text, "address already in use") || strings.Contains(text, "Only one usage of each socket address")
}
