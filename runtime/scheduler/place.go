package scheduler

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
	"sigs.k8s.io/yaml"

	"github.com/kubecraft/kubecraft/runtime/extension"
)

// placed returns an error about a configuration that begins with FILE:LINE: where the YAML cannot be read, or else where the field stands that the
// error names, or what is nearest above it. Without either it begins with the file.
func placed(file string, content []byte, err error) error {
	message := strings.TrimPrefix(err.Error(), "strict decoding error: ")
	if m := regexp.MustCompile(`yaml: (?:unmarshal errors:\s*)?line (\d+): ([^\n]*)`).FindStringSubmatch(message); m != nil {
		return fmt.Errorf("%s:%s: %s", file, m[1], m[2])
	}
	if m := regexp.MustCompile(`Go struct field \w+\.([\w.]+) of type`).FindStringSubmatch(message); m != nil {
		return extension.File{Name: file, Content: content}.Errorf(lineOf(file, content, m[1]), "%s", message)
	}
	if m := regexp.MustCompile(`^(?:unknown field |duplicate field )?\[?"?([a-zA-Z]\w*(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*)"?(?:: |,|$)`).FindStringSubmatch(message); m != nil {
		return extension.File{Name: file, Content: content}.Errorf(lineOf(file, content, m[1]), "%s", message)
	}
	if m := regexp.MustCompile(`^(no kind "[^"]*" is registered for version "[^"]*")`).FindStringSubmatch(message); m != nil {
		var versions []string
		for _, version := range scheme.Scheme.PrioritizedVersionsForGroup(config.GroupName) {
			versions = append(versions, version.String())
		}
		return extension.File{Name: file, Content: content}.Errorf(lineOf(file, content, "apiVersion"), "%s; there is KubeSchedulerConfiguration of %s", m[1], strings.Join(versions, ", "))
	}
	return fmt.Errorf("%s: %s", file, message)
}

// lineOf is where a field stands, profiles[0].plugins.
func lineOf(file string, content []byte, field string) int {
	var path []any
	for _, step := range regexp.MustCompile(`\w+`).FindAllString(field, -1) {
		if i, err := strconv.Atoi(step); err == nil {
			path = append(path, i)
		} else {
			path = append(path, step)
		}
	}
	return extension.File{Name: file, Content: content}.Line(path...)
}

// argumentsOf is where the arguments of a plugin stand, in the profile of a scheduler's name: FILE:LINE, or the file alone.
func argumentsOf(file string, content []byte, scheduler, plugin string) string {
	var read struct {
		Profiles []struct {
			SchedulerName string
			PluginConfig  []struct{ Name string }
		}
	}
	if yaml.Unmarshal(content, &read) != nil {
		return file
	}
	for i, profile := range read.Profiles {
		if cmp.Or(profile.SchedulerName, corev1.DefaultSchedulerName) != scheduler {
			continue
		}
		for j, arguments := range profile.PluginConfig {
			if arguments.Name == plugin {
				return fmt.Sprintf("%s:%d", file, extension.File{Name: file, Content: content}.Line("profiles", i, "pluginConfig", j, "args"))
			}
		}
	}
	return file
}

// lineNaming is the first line that names a plugin, 0 if there is none.
func lineNaming(content []byte, plugin string) int {
	names := regexp.MustCompile(`\bname"?:\s*["']?` + regexp.QuoteMeta(plugin) + `["']?(?:\s|[,}#]|$)`)
	for i, line := range strings.Split(string(content), "\n") {
		if names.MatchString(line) {
			return i + 1
		}
	}
	return 0
}
