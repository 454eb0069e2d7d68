// Package handover keeps, in the user's cache folder, a kubecraft with the control plane compiled in: the binary that one without
// goes on as. An entry is for one set of sources, one version of Go and one platform; those that nobody has used for long are
// removed.
package handover
