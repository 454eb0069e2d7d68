// Package benchtestenv times a control plane in a Go test: runtime/testenv beside controller-runtime's envtest, in one run.
// hack/bench-testenv.sh builds what envtest starts.
package benchtestenv
