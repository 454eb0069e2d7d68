package client

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table is what kubectl prints.
type Table struct {
	Header []string
	Rows   [][]string
}

// Write prints the table with kubectl's spacing.
func (t Table) Write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 6, 4, 3, ' ', 0)
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}
