package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// record keeps results as they come, in a file if there is one, and says them as progress.
type record struct {
	mu    sync.Mutex
	file  *os.File
	known map[string]result
}

func openRecord(name string) (*record, error) {
	r := &record{known: map[string]result{}}
	if name == "" {
		return r, nil
	}
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4); len(fields) == 4 {
			r.known[fields[0]+"\t"+fields[2]] = result{state(fields[1]), fields[3]}
		}
	}
	r.file = file
	return r, nil
}

func (r *record) of(cluster, spec string) (result, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.known[cluster+"\t"+spec]
	return known, ok
}

func (r *record) add(cluster, spec string, got result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprintf("%s\t%s\t%s\t%s\n", cluster, got.state, spec, got.reason)
	fmt.Fprint(os.Stderr, line)
	if r.file != nil {
		if _, err := r.file.WriteString(line); err != nil {
			fmt.Fprintln(os.Stderr, "conformance:", err)
		}
	}
}

func (r *record) close() {
	if r.file != nil {
		_ = r.file.Close()
	}
}
