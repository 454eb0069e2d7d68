// Package authorization says what a user may do.
package authorization
