// Package templates is data only: the texts of the files that kubecraft writes into projects, as text/template.
//
// project/ holds what a new project starts with and the module files of each composition, resource/ what a kind adds,
// scheduler/ what a scheduler of one's own does.
package templates

import "embed"

// Files holds the templates, by slash path.
//
//go:embed project resource scheduler
var Files embed.FS
