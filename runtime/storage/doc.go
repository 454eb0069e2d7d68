// Package storage is where the objects of a control plane live.
//
// Open gives a Store for one of three backends. "memory" and "sqlite" keep the
// data in this process: a multi-version store with the semantics of etcd
// (package mvcc), reached through the interfaces of an etcd client with no
// network between (package etcd), and made durable by a log in a SQLite file
// (package sqlite). "etcd" dials real etcd servers. Everything above that client
// is upstream's: Store.Decorator puts k8s.io/apiserver's etcd3 storage and watch
// cache on it, so lists, watches, pagination, preconditions and bookmarks behave
// as they do in a Kubernetes cluster.
package storage
