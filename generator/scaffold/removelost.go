package scaffold

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// lost returns what would not be there again if the type that has been taken out were added to what is left: what a person has
// written. before is the project as it was.
func (rm *removal) lost(out *typeRemoval, r resource.Resource, before *draft) ([]string, error) {
	again := newAddition(rm.left, r)
	again.draft = rm.copy()
	for _, step := range again.steps() {
		if err := step(); err != nil {
			break // what add would not write is lost
		}
	}
	goesWith := resource.Type{Group: r.Group, Version: r.Version, Kind: r.Kind}.Words()
	var lost []string
	for _, file := range out.gone {
		was, err := before.read(file)
		if err != nil {
			return nil, err
		}
		line, same := 1, false
		for name, content := range again.changed {
			if path.Dir(name) != path.Dir(file) {
				continue
			}
			at := lineThatDiffers(was, content)
			same = same || at == 0
			if name == file {
				line = max(line, at)
			}
		}
		if !same {
			lost = append(lost, fmt.Sprintf("%s:%d:1: goes with %s, and is not as kubecraft add type writes it: what is written by hand there would be lost", file, line, goesWith))
		}
	}
	for _, d := range out.cut {
		same, err := again.declares(d)
		if err != nil {
			return nil, err
		}
		if !same {
			at, err := rm.onDiskPosition(d)
			if err != nil {
				return nil, err
			}
			lost = append(lost, fmt.Sprintf("%s: %s goes with %s, and is written by hand: it would be lost", at, strings.Join(d.names, ", "), goesWith))
		}
	}
	return lost, nil
}

// storageByHand notes the lines of the group's registry that serve the kind otherwise than verbs write it.
func (a *typeRemoval) storageByHand() error {
	disk := newDraft(a.project)
	p, err := disk.parsePackage(a.registryDir())
	if err != nil {
		return err
	}
	for _, file := range p.files {
		alias, there, err := rewrite.ImportName(file.name, file.src, a.storagePath())
		if err != nil {
			return err
		}
		if !there {
			continue // nothing is taken out of it
		}
		written := func(path, storage, scheme string) string {
			switch _, name, _ := strings.Cut(path, "/"); name {
			case "":
				return storage + "." + a.Kind
			case "status":
				return storage + ".Status"
			case "scale":
				return storage + ".Scale"
			default:
				return strings.ReplaceAll(own{kind: a.kind, Name: name}.storage(storage, scheme), packagePlaceholder, alias)
			}
		}
		served, err := rewrite.ServedOtherwise(file.name, file.src, alias+".NewStorage", a.Version, a.Plural, written)
		if err != nil {
			return err
		}
		for _, s := range served {
			a.byHand = append(a.byHand, fmt.Sprintf("%s:%d:%d: %q goes with %s %s, and is not served as kubecraft writes it: it would be lost", file.name, s.Line, s.Column, s.Path, a.GroupVersion(), a.Kind))
		}
	}
	return nil
}

// definitionsByHand notes OpenAPI definitions that the control plane has beside those of its types.
func (a *typeRemoval) definitionsByHand() error {
	disk := newDraft(a.project)
	p, err := disk.parsePackage(apiserverDir)
	if err != nil {
		return err
	}
	for _, file := range p.files {
		openapi, _, err := rewrite.ImportName(file.name, file.src, a.importPath(path.Join(project.GeneratedDir, "openapi")))
		if err != nil {
			return err
		}
		values, err := rewrite.Values(file.name, file.src, controlplanePath, "Groups", "OpenAPI")
		if err != nil {
			return err
		}
		for _, v := range values {
			if v.Text != openapi+".GetOpenAPIDefinitions" {
				a.byHand = append(a.byHand, fmt.Sprintf("%s:%d:%d: OpenAPI goes with %s %s, the last type, and is not as kubecraft add type writes it: it would be lost", file.name, v.Line, v.Column, a.GroupVersion(), a.Kind))
			}
		}
	}
	return nil
}

// declares says whether a package declares something in the same words.
func (a *addition) declares(d *declaration) (bool, error) {
	p, err := a.parsePackage(path.Dir(d.file.name))
	if err != nil {
		return false, err
	}
	for _, other := range p.declarations() {
		if bytes.Equal(bytes.TrimSpace(other.text()), bytes.TrimSpace(d.text())) {
			return true, nil
		}
	}
	return false, nil
}

// onDiskPosition says where a declaration stands in the files as they are: file:line:column.
func (a *draft) onDiskPosition(d *declaration) (string, error) {
	disk := newDraft(a.project)
	p, err := disk.parsePackage(path.Dir(d.file.name))
	if err != nil {
		return "", err
	}
	for _, other := range p.declarations() {
		if other.file.name == d.file.name && bytes.Equal(other.text(), d.text()) {
			at := p.fset.Position(other.decl.Pos())
			return fmt.Sprintf("%s:%d:%d", d.file.name, at.Line, at.Column), nil
		}
	}
	return d.file.name + ":1:1", nil
}

// exampleDefaulter is what a version's defaults.go says of the kind that the version was made for.
var exampleDefaulter = regexp.MustCompile(`SetDefaults_\w+\(spec \*\w+\)`)

// lineThatDiffers returns the line from which on two files differ, 0 if they are the same but for the kind that serves as an
// example.
func lineThatDiffers(a, b []byte) int {
	placeholder := []byte("SetDefaults_(spec)")
	a, b = exampleDefaulter.ReplaceAll(a, placeholder), exampleDefaulter.ReplaceAll(b, placeholder)
	if bytes.Equal(a, b) {
		return 0
	}
	line := 1
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '\n' {
			line++
		}
	}
	return line
}
