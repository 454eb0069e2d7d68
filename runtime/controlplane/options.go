package controlplane

import (
	"errors"
	"path/filepath"

	"k8s.io/utils/clock"

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
	// APIServerArgs are flags of kube-apiserver's own, for a control plane that serves the built-in API.
	APIServerArgs []string

	ownsProcess bool             // as Main does
	hosts       []string         // that the parts ask the serving certificate for
	users       []string         // that the parts ask kubeconfigs for
	clock       clock.WithTicker // of the certificates' life; the real one but in tests
}

func (o Options) complete() (Options, error) {
	if o.Storage == storage.SQLite && o.Data == "" {
		return o, errors.New("storage sqlite needs a folder for its database; name one as Data (--data), or use storage memory (--storage)")
	}
	if o.clock == nil {
		o.clock = clock.RealClock{}
	}
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
	return o, nil
}

func (o Options) storage() storage.Options {
	return storage.Options{
		Backend:   o.Storage,
		Path:      filepath.Join(o.Data, "kubecraft.db"),
		Endpoints: o.EtcdServers,
	}
}
