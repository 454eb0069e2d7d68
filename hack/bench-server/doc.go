// Command bench-server times a project's server over its stores, side by side in one run: start to ready, memory at
// rest, and create, get, update and list with many clients. hack/bench-server.sh builds what it compares.
package main
