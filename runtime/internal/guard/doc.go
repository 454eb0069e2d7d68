// Package guard calls code of a project's own so that the worst it can do is to fail: a panic is an error, a call that hangs is given
// up, and those that hang are bounded.
package guard
