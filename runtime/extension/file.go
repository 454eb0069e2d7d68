package extension

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is what a component is made from.
type File struct {
	// Name is for messages.
	Name    string
	Content []byte
}

// Errorf returns an error about a line of the file: FILE:LINE: message.
func (f File) Errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", f.Name, line, fmt.Sprintf(format, args...))
}

// Decode reads the file, one document of YAML or JSON, into a struct with yaml tags. What the struct does not have is an error, and so is an
// empty file. Errors begin with FILE:LINE.
func (f File) Decode(into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(f.Content))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: is empty", f.Name)
	}
	if err == nil {
		if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: has more than one document", f.Name)
		}
		return nil
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		message = wrong.Errors[0]
	}
	if m := regexp.MustCompile(`^line (\d+): (?s)(.*)$`).FindStringSubmatch(message); m != nil {
		if line, err := strconv.Atoi(m[1]); err == nil {
			return f.Errorf(line, "%s", m[2])
		}
	}
	return fmt.Errorf("%s: %s", f.Name, message)
}

// Line is where something stands in the file, by the keys of maps and the numbers in lists that lead to it, or what is nearest above it: for
// Errorf, about what Decode has read.
func (f File) Line(path ...any) int {
	var document yaml.Node
	if yaml.Unmarshal(f.Content, &document) != nil || len(document.Content) == 0 {
		return 1
	}
	at, line := document.Content[0], document.Content[0].Line
	for _, step := range path {
		var next *yaml.Node
		switch step := step.(type) {
		case int:
			if at.Kind == yaml.SequenceNode && step < len(at.Content) {
				next = at.Content[step]
				line = next.Line
			}
		case string:
			for i := 0; at.Kind == yaml.MappingNode && i+1 < len(at.Content); i += 2 {
				if at.Content[i].Value == step {
					next = at.Content[i+1]
					line = at.Content[i].Line
				}
			}
		}
		if next == nil {
			return line
		}
		at = next
	}
	return line
}
