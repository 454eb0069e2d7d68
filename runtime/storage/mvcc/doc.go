// Package mvcc is a multi-version key-value store in memory with the semantics of etcd: one revision for
// the whole store, transactions, history until it is compacted, leases, and watches that replay history
// and then follow. A Log, if there is one, makes every change durable before anybody can see it.
package mvcc
