package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// manifest is an object in a file.
type manifest struct {
	unstructured.Unstructured
	at string // FILE:LINE, where it begins
}

func isDefinition(object *unstructured.Unstructured) bool {
	return object.GetKind() == "CustomResourceDefinition" && strings.HasPrefix(object.GetAPIVersion(), "apiextensions.k8s.io/")
}

func isWebhookConfiguration(object *unstructured.Unstructured) bool {
	kind := object.GetKind()
	return (kind == "ValidatingWebhookConfiguration" || kind == "MutatingWebhookConfiguration") &&
		strings.HasPrefix(object.GetAPIVersion(), "admissionregistration.k8s.io/")
}

// read returns the objects that are wanted from files, and from the YAML and JSON files of folders. Each path must have one.
func read(paths []string, wanted func(*unstructured.Unstructured) bool) ([]manifest, error) {
	var all []manifest
	for _, path := range paths {
		files, err := manifestFiles(path)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			found, err := parse(file, text)
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				if wanted(&m.Unstructured) {
					all = append(all, m)
				}
			}
		}
		if len(all) == before {
			return nil, fmt.Errorf("%s has none of the objects that it was named for", path)
		}
	}
	return all, nil
}

// manifestFiles are path itself or, of a folder, the manifests in it, by name. What is below is not looked into, as kubectl does.
func manifestFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if isManifest(entry) {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	return files, nil
}

func isManifest(entry fs.DirEntry) bool {
	return !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name()))
}

// parse returns the objects of a file. Errors begin with FILE:LINE.
func parse(file string, text []byte) ([]manifest, error) {
	var all []manifest
	line := 1 // on which the document begins
	for document := range documents(text) {
		at := fmt.Sprintf("%s:%d", file, line+blankLines(document))
		object := map[string]any{}
		if err := yaml.Unmarshal(document, &object); err != nil {
			return nil, placed(file, line, err)
		}
		line += bytes.Count(document, []byte("\n")) + 1
		if len(object) > 0 {
			all = append(all, manifest{unstructured.Unstructured{Object: object}, at})
		}
	}
	return all, nil
}

// documents cuts a YAML file at the lines that separate its documents, so that the place of each is known; the libraries that keep
// lines (go.yaml.in/yaml/v3) are off by one in errors. A document ends without its last line's end.
func documents(text []byte) func(yield func([]byte) bool) {
	separator := regexp.MustCompile(`(?m)^---[ \t]*(#.*)?\r?$`)
	return func(yield func([]byte) bool) {
		begin := 0
		for _, at := range separator.FindAllIndex(text, -1) {
			if at[0] == 0 { // nothing before the first
				begin = at[1]
				continue
			}
			if !yield(bytes.TrimSuffix(text[begin:at[0]], []byte("\n"))) {
				return
			}
			// What follows begins on the separator's own line, with nothing.
			begin = at[1]
			if begin == len(text) {
				return
			}
		}
		yield(text[begin:])
	}
}

func blankLines(document []byte) int {
	blank := 0
	for line := range bytes.Lines(document) {
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			break
		}
		blank++
	}
	return blank
}

// placed turns the parser's line within a document into the file's.
func placed(file string, begins int, err error) error {
	message := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	message = strings.TrimPrefix(message, "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); m != nil {
		line, convErr := strconv.Atoi(m[1])
		if convErr == nil {
			return fmt.Errorf("%s:%d: %s", file, begins+line-1, strings.TrimPrefix(message, m[0]))
		}
	}
	return fmt.Errorf("%s:%d: %w", file, begins, errors.New(message))
}
