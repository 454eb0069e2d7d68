// Package imports holds the rules of who may import whom in kubecraft, each with its reason, and checks them over the
// import graph: hack/verify-imports.sh and `go test ./hack/imports` both run it.
package imports
