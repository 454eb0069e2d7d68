// Package registry holds what the storage of a project's resources is built from: the version that objects are stored
// in, the columns that they are printed with, and the scale subresource.
package registry
