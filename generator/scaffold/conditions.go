package scaffold

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

const metav1Path = "k8s.io/apimachinery/pkg/apis/meta/v1"

// conditionsField is the field of a status that controllers write to, as it is added to the internal type and to those of versions.
func conditionsField(metav1, kind string, internal bool) []string {
	if internal {
		return []string{"", "Conditions []" + metav1 + ".Condition"}
	}
	return []string{
		"// conditions say what controllers have found about this " + kind + ", one for each type of condition.",
		"// +optional",
		"// +listType=map",
		"// +listMapKey=type",
		"// +k8s:eachVal=+k8s:opaqueType",
		"Conditions []" + metav1 + ".Condition `json:\"conditions,omitempty\"`",
	}
}

// addConditions gives the status of a kind conditions, in all of its forms, where it has none. No kind needs none.
func (a *draft) addConditions(k *kind) error {
	if k == nil {
		return nil
	}
	return a.eachStatus(k, func(types *goPackage, name string, internal bool) error {
		if f, there := types.field(name, "Conditions"); there {
			if !isConditions(f.expr) {
				return fmt.Errorf("%s: the field Conditions of %s is not a []metav1.Condition, which controllers write", types.position(name), name)
			}
			return nil
		}
		return a.editPlace(types, "", nil, withImports([]imported{{metav1Path, "metav1"}}, func(filename string, src []byte, names []string) ([]byte, error) {
			return rewrite.AddField(filename, src, name, conditionsField(names[0], k.Kind, internal)...)
		}))
	})
}

// removeConditions undoes addConditions, where the field is as that writes it, and nothing of the project's own uses it. It returns the
// file that does.
func (a *draft) removeConditions(k *kind) (usedIn string, err error) {
	if usedIn, err = a.usesConditions(k); err != nil || usedIn != "" {
		return usedIn, err
	}
	return "", a.eachStatus(k, func(types *goPackage, name string, internal bool) error {
		for _, file := range types.files {
			alias, there, err := rewrite.ImportName(a.onDisk(file.name), file.src, metav1Path)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			content, err := rewrite.RemoveField(a.onDisk(file.name), file.src, name, conditionsField(alias, k.Kind, internal)...)
			if err != nil {
				return err
			}
			if bytes.Equal(content, file.src) {
				continue
			}
			if content, err = rewrite.RemoveImport(a.onDisk(file.name), content, metav1Path); err != nil {
				return err
			}
			if err := a.write(file.name, content); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachStatus calls edit with the package and the status type of each form of a kind: the internal one and those of all versions.
func (a *draft) eachStatus(k *kind, edit func(types *goPackage, name string, internal bool) error) error {
	group := a.project.Group(k.Group)
	dirs := []string{k.apiDir()}
	for _, version := range group.Versions {
		if slices.Contains(version.Kinds, k.Kind) {
			dirs = append(dirs, path.Join(k.apiDir(), version.Dir))
		}
	}
	for i, dir := range dirs {
		types, err := a.parsePackage(dir)
		if err != nil {
			return err
		}
		name := types.statusOf(k.Kind)
		if name == "" {
			return &rewrite.NotFoundError{File: a.onDisk(dir), Wanted: "field Status of " + k.Kind + " with a type of the package", Lines: strings.Join(conditionsField("metav1", k.Kind, i == 0), "\n")}
		}
		if err := edit(types, name, i == 0); err != nil {
			return err
		}
	}
	return nil
}

// usesConditions returns a file of the project's own, outside of what is removed, that names the kind and conditions too. Empty if none
// does.
func (a *draft) usesConditions(k *kind) (file string, err error) {
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(k.Kind) + `\b`)
	uses := regexp.MustCompile(`\.Conditions\b|\bConditions:`)
	err = a.eachGoFile(func(name string, src []byte) error {
		if !project.IsGenerated(name) && named.Match(src) && uses.Match(src) {
			file = name
			return fs.SkipAll
		}
		return nil
	})
	return file, err
}
