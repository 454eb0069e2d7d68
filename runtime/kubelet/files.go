package kubelet

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/yaml"
)

//go:embed stages/*.yaml
var builtin embed.FS

// simulation is what files of kwok's objects say.
type simulation struct {
	stages stages
	usages usages
	// metrics are what nodes answer scrapes with.
	metrics  []metric
	logs     targets[internalversion.Log]
	attaches targets[internalversion.AttachConfig]
	execs    targets[internalversion.ExecTarget]
	forwards targets[internalversion.Forward]
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
			return nil, fmt.Errorf("%s: none of kwok's objects is in it", file)
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
		space := document[:len(document)-len(bytes.TrimLeft(document, "\r\n"))]
		begin := line + bytes.Count(space, []byte("\n"))
		where := fmt.Sprintf("%s:%d", file, begin)
		if err := s.addDocument(where, document); err != nil {
			within, message := placeOf(document, err.Error())
			if within > 0 {
				return fmt.Errorf("%s:%d%s", file, line+within-1, strings.TrimPrefix(message, where))
			}
			return errors.New(message)
		}
		line += bytes.Count(document, []byte("\n")) + 1
	}
	return nil
}

var (
	// atLine is how YAML says where it cannot be read.
	atLine = regexp.MustCompile(`error converting YAML to JSON: yaml: (?:unmarshal errors:\s*)?line (\d+): `)
	// ofField is how a field is told that there is not.
	ofField = regexp.MustCompile(`error unmarshaling JSON: while decoding JSON: json: (unknown field "([^"\\]+)")`)
)

// placeOf returns the line of a document that an error about it is about, with what the error says beside, and 0 if it is not sure.
func placeOf(document []byte, message string) (line int, rest string) {
	if at := atLine.FindStringSubmatch(message); at != nil {
		line, _ = strconv.Atoi(at[1])
		rest, _, _ = strings.Cut(strings.Replace(message, at[0], "", 1), "\n")
		if strings.Contains(rest, ": did not find expected ") { // what the parser tells, unlike the scanner, it counts from 0
			line = min(line+1, 1+bytes.Count(bytes.TrimRight(document, "\r\n"), []byte("\n")))
		}
		return line, rest
	}
	of := ofField.FindStringSubmatch(message)
	if of == nil {
		return 0, message
	}
	rest = strings.Replace(message, of[0], of[1], 1)
	field := regexp.MustCompile(`(?m)(^|[\s{,"'])`+regexp.QuoteMeta(of[2])+`["']?\s*:`).FindAllIndex(document, 2)
	if len(field) != 1 {
		return 0, rest
	}
	return 1 + bytes.Count(document[:field[0][1]], []byte("\n")), rest
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
	if of.APIVersion != v1alpha1.GroupVersion.String() {
		return fmt.Errorf("%s: %s %s is not of %s", where, of.APIVersion, of.Kind, v1alpha1.GroupVersion)
	}
	return s.addKind(where, of.Kind, document)
}

// addKind reads an object of a kind of kwok's.
func (s *simulation) addKind(where, kind string, document []byte) error {
	switch kind {
	case v1alpha1.StageKind:
		return s.stages.add(where, document)
	case v1alpha1.ResourceUsageKind:
		return decode(where, kind, document, internalversion.ConvertToInternalResourceUsage, func(o *internalversion.ResourceUsage) error {
			s.usages.targets.add(o, o.Spec.Usages)
			return s.usages.check(o.Spec.Usages)
		})
	case v1alpha1.ClusterResourceUsageKind:
		return decode(where, kind, document, internalversion.ConvertToInternalClusterResourceUsage, func(o *internalversion.ClusterResourceUsage) error {
			s.usages.targets.addCluster(o.Spec.Selector, o.Spec.Usages)
			return s.usages.check(o.Spec.Usages)
		})
	case v1alpha1.MetricKind:
		return decode(where, kind, document, internalversion.ConvertToInternalMetric, func(o *internalversion.Metric) error {
			s.metrics = append(s.metrics, metric{where: where, Metric: o})
			return nil
		})
	case v1alpha1.LogsKind:
		return decode(where, kind, document, internalversion.ConvertToInternalLogs, func(o *internalversion.Logs) error {
			s.logs.add(o, o.Spec.Logs)
			return checkLogs(o.Spec.Logs)
		})
	case v1alpha1.ClusterLogsKind:
		return decode(where, kind, document, internalversion.ConvertToInternalClusterLogs, func(o *internalversion.ClusterLogs) error {
			s.logs.addCluster(o.Spec.Selector, o.Spec.Logs)
			return checkLogs(o.Spec.Logs)
		})
	case v1alpha1.AttachKind:
		return decode(where, kind, document, internalversion.ConvertToInternalAttach, func(o *internalversion.Attach) error {
			s.attaches.add(o, o.Spec.Attaches)
			return checkAttaches(o.Spec.Attaches)
		})
	case v1alpha1.ClusterAttachKind:
		return decode(where, kind, document, internalversion.ConvertToInternalClusterAttach, func(o *internalversion.ClusterAttach) error {
			s.attaches.addCluster(o.Spec.Selector, o.Spec.Attaches)
			return checkAttaches(o.Spec.Attaches)
		})
	case v1alpha1.ExecKind:
		return decode(where, kind, document, internalversion.ConvertToInternalExec, func(o *internalversion.Exec) error {
			s.execs.add(o, o.Spec.Execs)
			return checkExecs(o.Spec.Execs)
		})
	case v1alpha1.ClusterExecKind:
		return decode(where, kind, document, internalversion.ConvertToInternalClusterExec, func(o *internalversion.ClusterExec) error {
			s.execs.addCluster(o.Spec.Selector, o.Spec.Execs)
			return checkExecs(o.Spec.Execs)
		})
	case v1alpha1.PortForwardKind:
		return decode(where, kind, document, internalversion.ConvertToInternalPortForward, func(o *internalversion.PortForward) error {
			s.forwards.add(o, o.Spec.Forwards)
			return checkForwards(o.Spec.Forwards)
		})
	case v1alpha1.ClusterPortForwardKind:
		return decode(where, kind, document, internalversion.ConvertToInternalClusterPortForward, func(o *internalversion.ClusterPortForward) error {
			s.forwards.addCluster(o.Spec.Selector, o.Spec.Forwards)
			return checkForwards(o.Spec.Forwards)
		})
	}
	return fmt.Errorf("%s: %s has no kind %s", where, v1alpha1.GroupVersion, kind)
}
