// Package toys is an API group for tests, written by hand in the shape that kubecraft writes: a kind with two versions
// of its Go type, status, scale, printed columns and a field to select by.
package toys
