package scaffold

import (
	"bytes"
	"fmt"
	"go/format"
	"path"
	"strings"
	"text/template"

	"github.com/kubecraft/kubecraft/templates"
)

// render executes the template of that name under templates/ and, if it is of a Go file, formats the result.
func render(name string, data any) ([]byte, error) {
	text, err := templates.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t, err := template.New(path.Base(name)).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, err
	}
	if !strings.HasSuffix(name, ".go.tmpl") {
		return out.Bytes(), nil
	}
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return formatted, nil
}

// renderAll renders one file per entry: its path in the project to the template's name.
func renderAll(names map[string]string, data any) (map[string][]byte, error) {
	files := make(map[string][]byte, len(names))
	for file, name := range names {
		content, err := render(name, data)
		if err != nil {
			return nil, err
		}
		files[file] = content
	}
	return files, nil
}
