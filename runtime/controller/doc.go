// Package controller runs a controller of one's own as a part of a control plane, on client-go alone: leader election over a lease, a
// rate-limited queue of keys, workers, events, and metrics in the server's /metrics. What a controller makes true is its own business: a
// function that is given the key of an object.
//
// A part is a component too: its Run works against any server, so that another process may run the same controller.
package controller
