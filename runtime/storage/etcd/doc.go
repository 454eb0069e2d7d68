// Package etcd lets code that talks to etcd talk to a store in the same process: the interfaces of an etcd
// client, and the key-value calls of an etcd server, over package mvcc.
package etcd
