// Package templates is data only: the texts of the files that kubecraft writes into projects, as text/template.
//
// project/ holds what a new project starts with and the module files of each composition, resource/ what a kind adds,
// authenticator/, authorizer/, admission/, controller/, scheduler/ and kubelet/ what components of one's own do.
package templates

import "embed"

// Files holds the templates, by slash path.
//
//go:embed project resource authenticator authorizer admission controller scheduler kubelet
var Files embed.FS
