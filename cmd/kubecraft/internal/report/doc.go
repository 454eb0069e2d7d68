// Package report tells the user what goes on, in a line per step: redrawn as the step proceeds on a terminal, once in a
// pipe.
package report
