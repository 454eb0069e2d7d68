// Package admission guards admission plugins of a project's own.
package admission
