package kubelet

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"

	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/yaml"
)

//go:embed stages/*.yaml
var builtin embed.FS

// simulation is what files of kwok's objects say.
type simulation struct {
	stages stages
	usages usages
	// read is how many objects there were in files.
	read int
}

// load reads files and, for kinds of objects that none of the stages in them is about, the built-in stages.
func load(files []string) (*simulation, error) {
	all, defaults := &simulation{stages: stages{}}, &simulation{stages: stages{}}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("stages: %w", err)
		}
		before := all.read
		if err := all.add(file, content); err != nil {
			return nil, err
		}
		if all.read == before {
			return nil, fmt.Errorf("%s: no Stage is in it", file)
		}
	}
	names, err := fs.Glob(builtin, "stages/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := builtin.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := defaults.add(name, content); err != nil {
			return nil, err
		}
	}
	for kind, of := range defaults.stages {
		if _, given := all.stages[kind]; !given {
			all.stages[kind] = of
		}
	}
	return all, nil
}

// add reads the objects of a YAML file.
func (s *simulation) add(file string, content []byte) error {
	line := 1
	for document := range bytes.SplitSeq(content, []byte("\n---")) {
		begin := line + len(document) - len(bytes.TrimLeft(document, "\n"))
		line += bytes.Count(document, []byte("\n")) + 1
		if err := s.addDocument(fmt.Sprintf("%s:%d", file, begin), document); err != nil {
			return err
		}
	}
	return nil
}

func (s *simulation) addDocument(where string, document []byte) error {
	var of struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(document, &of); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	if of.APIVersion == "" && of.Kind == "" {
		return nil // comments alone
	}
	s.read++
	if of.APIVersion == v1alpha1.GroupVersion.String() {
		switch of.Kind {
		case v1alpha1.StageKind:
			return s.stages.add(where, document)
		case v1alpha1.ResourceUsageKind:
			return s.usages.add(where, document)
		case v1alpha1.ClusterResourceUsageKind:
			return s.usages.addCluster(where, document)
		}
	}
	return fmt.Errorf("%s: %s %s is not a Stage of %s, nor a ResourceUsage or ClusterResourceUsage", where, of.APIVersion, of.Kind, v1alpha1.GroupVersion)
}
