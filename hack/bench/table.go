package bench

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Figures are what one side gave in each round, by what was measured.
type Figures struct {
	Name   string
	values map[string][]float64
}

// Add notes the figure of a round.
func (f *Figures) Add(what string, value float64) {
	if f.values == nil {
		f.values = map[string][]float64{}
	}
	f.values[what] = append(f.values[what], value)
}

// Median returns the median of a figure, 0 if there is none.
func (f *Figures) Median(what string) float64 {
	values := slices.Sorted(slices.Values(f.values[what]))
	if len(values) == 0 {
		return 0
	}
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// WriteTable writes medians of all sides, and how the first is to each other one.
func WriteTable(to io.Writer, rows []string, sides []*Figures) {
	var head strings.Builder
	fmt.Fprintf(&head, "%-28s", "median")
	for _, f := range sides {
		fmt.Fprintf(&head, "%12s", f.Name)
	}
	for _, f := range sides[1:] {
		fmt.Fprintf(&head, "%18s", sides[0].Name+"/"+f.Name)
	}
	fmt.Fprintln(to, head.String())
	for _, row := range rows {
		fmt.Fprintf(to, "%-28s", row)
		for _, f := range sides {
			fmt.Fprintf(to, "%12s", number(f.Median(row), 0))
		}
		for _, f := range sides[1:] {
			ratio := 0.0
			if of := f.Median(row); of > 0 {
				ratio = sides[0].Median(row) / of
			}
			fmt.Fprintf(to, "%18s", number(ratio, 2))
		}
		fmt.Fprintln(to)
	}
}

// number is a dash for what was not measured.
func number(value float64, digits int) string {
	if value == 0 {
		return "-"
	}
	return strconv.FormatFloat(value, 'f', digits, 64)
}
