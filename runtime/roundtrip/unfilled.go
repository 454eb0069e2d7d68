package roundtrip

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// marker begins the line above what a person must write.
const marker = "//kubecraft:unfilled "

// unfilled returns the places, as file:line: what is to be written, in the packages of a folder.
func unfilled(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil {
		return nil, err
	}
	var places []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		line := 0
		for text := range strings.Lines(string(src)) {
			line++
			if what, ok := strings.CutPrefix(strings.TrimSpace(text), marker); ok {
				places = append(places, fmt.Sprintf("%s:%d: %s", file, line, what))
			}
		}
	}
	return places, nil
}
