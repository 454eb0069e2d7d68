// Package v3rpc serves a store to other processes, and to code that dials, as an etcd server of one member: its gRPC calls
// for keys, watches and leases, and as much of the others as etcdctl and upstream's health checks ask for.
package v3rpc
