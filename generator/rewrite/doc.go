// Package rewrite adds to Go source that a person may have edited: an import, kinds in the call that registers them, a
// version, a group, the storage of a resource or a subresource, a rule of validation, a function, markers above a type, or all
// that leads from one text to another (Carry). What has been added can be taken out again.
//
// Every function finds its place by what the code does, inserts text there, and returns all other bytes as they
// were: comments, formatting, line endings and build tags survive. (One exception keeps gofmt content: an empty list in a
// column of values loses the spaces that put it there when it grows over several lines.) Adding what is there already
// returns src itself. When the place cannot be found, the error is a *NotFoundError, which says what to add by hand.
// Source that does not parse is a scanner.ErrorList, each entry with file, line and column.
package rewrite
