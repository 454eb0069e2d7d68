package sqlite

import (
	"fmt"
)

const (
	// applicationID marks the file as ours: "kubc" in ASCII. See https://www.sqlite.org/pragma.html#pragma_application_id
	applicationID = 0x6b756263
	// format is the version of the tables below. A file with a higher one is refused.
	format = 1

	// stepBits are the low bits of a row number. They count the changes of one revision; the rest is the revision.
	stepBits = 20
	maxSteps = 1 << stepBits
)

// schema makes the tables. Versions are found by revision only, so there is no index on keys to keep up to date:
// an insert goes to the last page of the table.
const schema = `
CREATE TABLE versions (
	id INTEGER PRIMARY KEY, -- revision << 20 | place in the revision
	key BLOB NOT NULL,
	value BLOB,
	create_revision INTEGER NOT NULL,
	version INTEGER NOT NULL, -- 0: deleted
	lease INTEGER NOT NULL
);
CREATE TABLE leases (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL);
CREATE TABLE marks (
	revision INTEGER PRIMARY KEY,
	at INTEGER NOT NULL -- when it was the current one, by a clock that stands still while no server runs
);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`

// settings are for every start. The page cache is small because nothing is read twice: the store has it all in
// memory. Checkpoints come each 1,000 pages (4 MiB), and the WAL gives its space back after a burst. All writers wait
// while another program holds the write lock, so that they do not wait for long.
const settings = `
PRAGMA locking_mode = NORMAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -512;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = 8388608;
` + patience

// patience is how long, in ms, a connection waits for another program.
const patience = "PRAGMA busy_timeout = 1000;\n"

// prepare makes the tables of a new file, or checks that those of an old one are ours. An empty file becomes a
// store whose history starts at first.
func (l *Log) prepare(first int64) error {
	id, err := l.number("PRAGMA application_id")
	if err != nil {
		return err
	}
	version, err := l.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	tables, err := l.number("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return l.create(first)
	case id != applicationID:
		return fmt.Errorf("%s is the SQLite database of another program: move it away, or use another data folder", l.path)
	case version > format:
		return fmt.Errorf("%s was written by a newer kubecraft (format %d, this one knows %d): use that one, or another data folder", l.path, version, format)
	}
	return l.exec(settings)
}

// create makes a new store. The mark that the file is ours and the tables come in one transaction, so that a
// crash leaves an empty file. What was before the first revision counts as compacted.
func (l *Log) create(first int64) error {
	return l.exec(fmt.Sprintf("%sBEGIN IMMEDIATE;%sINSERT INTO state VALUES ('compacted', %d), ('revision', %d);PRAGMA application_id = %d;PRAGMA user_version = %d;COMMIT;",
		settings, schema, first-1, first, applicationID, format))
}
