// Package decision keeps what schedulers have decided, and serves it as a read-only resource.
package decision
