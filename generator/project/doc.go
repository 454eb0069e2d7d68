// Package project reads a kubecraft project from its code: the module, and the groups, versions and kinds that it
// serves. There is no state file to go stale, and nothing is built or type-checked: files are parsed one by one.
package project
