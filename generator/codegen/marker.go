package codegen

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// column is a printer column as a marker describes it.
type column struct {
	name, kind, format, description, jsonPath string
	priority                                  int32
}

const printColumnMarker = "+kubebuilder:printcolumn"

// markerError is a mistake in a marker.
type markerError struct {
	offset  int // from the start of the marker's text
	message string
}

func (e *markerError) Error() string { return e.message }

// parseColumn parses a printcolumn marker, from its plus sign to the end of the line:
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`,priority=1. Values are bare words, Go
// strings, or raw strings. Followed: controller-tools pkg/crd/markers, PrintColumn.
func parseColumn(text string) (column, error) {
	p := markerParser{text: text, at: len(printColumnMarker)}
	if !strings.HasPrefix(text, printColumnMarker+":") {
		return column{}, p.fail("a print column is written %s:name=...,type=...,JSONPath=...", printColumnMarker)
	}
	var c column
	var seen []string
	for p.at < len(text) {
		p.at++ // the colon, or the comma between arguments
		start := p.at
		key, value, err := p.argument()
		if err != nil {
			return column{}, err
		}
		if slices.Contains(seen, key) {
			p.at = start
			return column{}, p.fail("%s is given twice", key)
		}
		seen = append(seen, key)
		if err := c.set(key, value); err != nil {
			p.at = start
			return column{}, p.fail("%s", err)
		}
	}
	for _, required := range []string{"name", "type", "JSONPath"} {
		if !slices.Contains(seen, required) {
			p.at = 0
			return column{}, p.fail("print column without %s: write %s:name=\"Phase\",type=string,JSONPath=`.status.phase`",
				required, printColumnMarker)
		}
	}
	return c, nil
}

var columnPath = regexp.MustCompile(`^\.[^\s{}]`)

// set stores an argument.
func (c *column) set(key, value string) error {
	oneOf := func(choices ...string) error {
		if !slices.Contains(choices, value) {
			return fmt.Errorf("%s must be one of %s, not %q", key, strings.Join(choices, ", "), value)
		}
		return nil
	}
	switch key {
	case "name":
		c.name = value
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("name is empty")
		}
	case "type":
		c.kind = value
		return oneOf("integer", "number", "string", "boolean", "date")
	case "format":
		c.format = value
		return oneOf("int32", "int64", "float", "double", "byte", "date", "date-time", "password")
	case "description":
		c.description = value
	case "JSONPath":
		c.jsonPath = value
		if !columnPath.MatchString(value) {
			return fmt.Errorf("JSONPath must start with a dot and a field, such as .status.phase, not %q", value)
		}
	case "priority":
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("priority must be a whole number from 0 (always shown; others with -o wide), not %q", value)
		}
		c.priority = int32(n)
	default:
		return fmt.Errorf("unknown argument %q: a print column has name, type, JSONPath, priority, format, description", key)
	}
	return nil
}

// markerParser reads key=value pairs.
type markerParser struct {
	text string
	at   int
}

func (p *markerParser) fail(format string, args ...any) error {
	return &markerError{offset: p.at, message: fmt.Sprintf(format, args...)}
}

// argument reads key=value up to a comma or the end.
func (p *markerParser) argument() (key, value string, err error) {
	rest := p.text[p.at:]
	equals := strings.IndexAny(rest, "=,")
	if equals < 0 || rest[equals] == ',' || strings.TrimSpace(rest[:equals]) == "" {
		return "", "", p.fail("expected name=value")
	}
	key = strings.TrimSpace(rest[:equals])
	p.at += equals + 1
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	rest = p.text[p.at:]
	if rest != "" && (rest[0] == '"' || rest[0] == '`') {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", "", p.fail("the value of %s is a string that does not end or holds a bad escape", key)
		}
		if value, err = strconv.Unquote(quoted); err != nil {
			return "", "", p.fail("the value of %s is not a valid string", key)
		}
		p.at += len(quoted)
	} else {
		end := strings.IndexByte(rest, ',')
		if end < 0 {
			end = len(rest)
		}
		value = strings.TrimSpace(rest[:end])
		if value == "" {
			return "", "", p.fail("%s has no value", key)
		}
		p.at += end
	}
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\r') {
		p.at++
	}
	if p.at < len(p.text) && p.text[p.at] != ',' {
		return "", "", p.fail("expected a comma after the value of %s", key)
	}
	return key, value, nil
}
