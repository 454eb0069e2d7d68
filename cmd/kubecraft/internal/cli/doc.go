// Package cli is the kubecraft command: one file per verb. Verbs compute what to write, commit it once, and return
// errors; what becomes of an error on the terminal and in the exit code is decided in one place, Main.
package cli
