// Package sqlite keeps the history of a store in one SQLite file: a table of versions that only grows at its
// end, and shrinks by compaction. One server at a time uses a file.
//
// The file is in WAL mode with synchronous=FULL: what Append has returned for survives a power cut. An SQLite
// shell can read the file while the server runs:
//
//	select id>>20 as revision, cast(key as text), length(value) from versions;
package sqlite
