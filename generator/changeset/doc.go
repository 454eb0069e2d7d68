// Package changeset collects what a verb wants to write and remove under one folder, and turns it into a unified diff or
// into one commit to disk that happens whole or not at all.
//
// A commit stages every new file beside its target, moves what is replaced aside, and names all of it in a journal
// before it touches anything. On an error, a cancelled context or a full disk it moves everything back, which needs no
// space; after a kill or a power cut Recover does the same from the journal. A file that changes on disk between the
// moment a Set has seen it and the commit is an error, never lost.
package changeset
