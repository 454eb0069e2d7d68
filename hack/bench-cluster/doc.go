// Command bench-cluster times a simulated cluster: thousands of nodes that get ready, pods of one Deployment that start and go, what
// it holds in memory then and what it does when nothing happens. hack/bench-cluster.sh builds the server and calls it.
package main
