// Package component names the components of a project's own, such as a scheduler, in URLs, flags and Go.
package component
