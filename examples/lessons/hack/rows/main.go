// Command rows prints what the project's server has stored: each version of each key, the oldest first.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"text/tabwriter"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", "file:data/kubecraft.db?mode=ro")
	if err != nil {
		log.Fatal(err)
	}
	rows, err := db.Query("SELECT id >> 20, version, key, value FROM versions ORDER BY id")
	if err != nil {
		log.Fatal(err)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "REVISION\tVERSION\tKEY\tVALUE")
	for rows.Next() {
		var revision, version int64
		var key, value []byte
		if err := rows.Scan(&revision, &version, &key, &value); err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(table, "%d\t%d\t%s\t%.60s\n", revision, version, key, value)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	table.Flush()
}
