// Package datafolder locks and empties the folder in which a project's server keeps its objects. It knows the server's
// conventions (a database file, beside it a lock file that holds a process number) and not its code: the command does
// not link the server.
package datafolder
