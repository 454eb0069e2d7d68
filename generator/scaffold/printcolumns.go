package scaffold

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubecraft/kubecraft/generator/project"
	"github.com/kubecraft/kubecraft/generator/resource"
	"github.com/kubecraft/kubecraft/generator/rewrite"
)

// Column is a column that `kubectl get` shows: its heading, and the JSON path of the field that is in it.
type Column struct {
	Name, Path string
}

// ParseColumn reads NAME=JSONPATH.
func ParseColumn(text string) (Column, error) {
	name, path, ok := strings.Cut(text, "=")
	if !ok || strings.TrimSpace(name) == "" || path == "" {
		return Column{}, fmt.Errorf("column %q: write NAME=JSONPATH, as in Size=.spec.size", text)
	}
	if name == "Name" || name == "Age" {
		return Column{}, fmt.Errorf("column %q: every table has one of that name: use another", name)
	}
	return Column{name, path}, nil
}

// alwaysShown is how many columns a table has beside name and age; others are for -o wide.
const alwaysShown = 4

const printColumn = "// +kubebuilder:printcolumn:"

// shown is a column as its marker has it.
type shown struct {
	Column
	marker string
}

var (
	columnName = regexp.MustCompile(`[:,]name=("(?:[^"\\]|\\.)*"|[^,]*)`)
	columnPath = regexp.MustCompile("[:,]JSONPath=(`[^`]*`|\"(?:[^\"\\\\]|\\\\.)*\"|[^,]*)")
)

// AddPrintColumns returns the files that change when tables of a version of a kind show more columns: the type, with a marker for
// each. Without columns, those of all fields of its spec and status that fit and have none. Names that the type has for
// another field, and paths that lead nowhere, are errors.
func AddPrintColumns(p *project.Project, t resource.Type, columns []Column) (*Result, error) {
	a, types, there, err := openColumns(p, t)
	if err != nil {
		return nil, err
	}
	count := len(there)
	if len(columns) == 0 {
		for _, c := range a.derived(types) {
			if !slices.ContainsFunc(there, func(s shown) bool { return s.Path == c.Path || strings.EqualFold(s.Name, c.Name) }) {
				columns = append(columns, c)
			}
		}
	}
	var markers, names []string
	for _, c := range columns {
		if i := slices.IndexFunc(there, func(s shown) bool { return s.Name == c.Name }); i >= 0 {
			if there[i].Path != c.Path {
				return nil, fmt.Errorf("column %s: %s %s has one of that name, of %s: use another, or remove it first", c.Name, t.GroupVersion(), t.Kind, there[i].Path)
			}
			continue
		}
		marker, err := a.columnMarker(types, c, count >= alwaysShown)
		if err != nil {
			return nil, err
		}
		there = append(there, shown{c, marker})
		markers, names = append(markers, marker), append(names, c.Name)
		count++
	}
	if len(markers) == 0 {
		return &Result{}, nil
	}
	err = a.editDeclaration(a.versionDir(), a.Kind, func(filename string, src []byte) ([]byte, error) {
		return rewrite.AddMarkers(filename, src, a.Kind, printColumn, markers...)
	})
	if err != nil {
		return nil, err
	}
	result := a.result()
	result.Changed = names
	return result, nil
}

// RemovePrintColumns undoes AddPrintColumns: it takes out the columns of these names or, without names, those that AddPrintColumns
// without columns writes, as far as they are as it writes them.
func RemovePrintColumns(p *project.Project, t resource.Type, names []string) (*Result, error) {
	a, types, there, err := openColumns(p, t)
	if err != nil {
		return nil, err
	}
	var markers, removed []string
	for _, s := range there {
		goes := slices.Contains(names, s.Name)
		if len(names) == 0 {
			goes = slices.Contains(a.derived(types), s.Column) && a.isDerived(types, s)
		}
		if goes {
			markers, removed = append(markers, s.marker), append(removed, s.Name)
		}
	}
	if len(markers) == 0 {
		return &Result{}, nil
	}
	err = a.editDeclaration(a.versionDir(), a.Kind, func(filename string, src []byte) ([]byte, error) {
		return rewrite.RemoveMarkers(filename, src, a.Kind, markers...)
	})
	if err != nil {
		return nil, err
	}
	result := a.result()
	result.Changed = removed
	return result, nil
}

// PrintColumns returns the names of the columns of a version of a kind.
func PrintColumns(p *project.Project, t resource.Type) ([]string, error) {
	_, _, there, err := openColumns(p, t)
	var names []string
	for _, s := range there {
		names = append(names, s.Name)
	}
	return names, err
}

// openColumns returns a type, the package of its version, and the columns that it has.
func openColumns(p *project.Project, t resource.Type) (a *addition, types *goPackage, there []shown, err error) {
	if a, types, err = openVersion(p, t); err != nil {
		return nil, nil, nil, err
	}
	there, err = a.shown(types)
	return a, types, there, err
}

// isDerived says whether a column's marker is as AddPrintColumns writes it: those of others do not say what they are.
func (a *addition) isDerived(types *goPackage, s shown) bool {
	for _, wide := range []bool{false, true} {
		if marker, err := a.columnMarker(types, s.Column, wide); err == nil && marker == s.marker {
			return true
		}
	}
	return false
}

// shown returns the columns that a kind has.
func (a *addition) shown(types *goPackage) ([]shown, error) {
	d := types.declaration(a.Kind)
	if d == nil {
		return nil, &rewrite.NotFoundError{File: a.onDisk(types.dir), Wanted: "type " + a.Kind, Lines: "type " + a.Kind + " struct{ ... }"}
	}
	comments, err := rewrite.Markers(a.onDisk(d.file.name), d.file.src, a.Kind)
	if err != nil {
		return nil, err
	}
	var all []shown
	for _, text := range comments {
		if !strings.HasPrefix(text, printColumn) {
			continue
		}
		s := shown{marker: text}
		if m := columnName.FindStringSubmatch(text); m != nil {
			s.Name = unquote(m[1])
		}
		if m := columnPath.FindStringSubmatch(text); m != nil {
			s.Path = unquote(m[1])
		}
		all = append(all, s)
	}
	return all, nil
}

func unquote(text string) string {
	if s, err := strconv.Unquote(text); err == nil {
		return s
	}
	return strings.TrimSpace(text)
}

// columnMarker returns the marker of a column. Its description is that of the field.
func (a *addition) columnMarker(types *goPackage, c Column, wide bool) (string, error) {
	at, err := types.follow(a.Kind, c.Path)
	if err != nil {
		return "", fmt.Errorf("column %s: %w", c.Name, err)
	}
	if at.kind == "" {
		return "", fmt.Errorf("column %s: JSON path %q: leads to what is neither text, number, boolean nor date: name a field of it", c.Name, c.Path)
	}
	path := strconv.Quote(c.Path)
	if strconv.CanBackquote(c.Path) {
		path = "`" + c.Path + "`"
	}
	doc := at.doc
	if doc == "" {
		doc = "the field at " + c.Path
	}
	marker := fmt.Sprintf("%sname=%q,type=%s,JSONPath=%s,description=%q", printColumn, c.Name, at.kind, path, doc)
	if wide {
		marker += ",priority=1"
	}
	return marker, nil
}

// derived returns the columns of the fields of a kind that are of use in a table.
func (a *addition) derived(types *goPackage) []Column {
	var all []Column
	for _, part := range []string{"Spec", "Status"} {
		for _, f := range types.fields(a.Kind + part) {
			path := "." + lowerFirst(part) + "." + f.json
			switch {
			case f.json == "" || f.json == "-" || f.name == "ObservedGeneration" || f.name == "Selector":
			case isConditions(f.expr):
				all = append(all, Column{"Ready", path + `[?(@.type=="Ready")].status`})
			case types.scalar(f.expr) != "":
				all = append(all, Column{f.name, path})
			}
		}
	}
	return all
}

// isConditions says whether a field is a list of metav1.Condition, however its file calls the package.
func isConditions(e ast.Expr) bool {
	list, ok := e.(*ast.ArrayType)
	if !ok || list.Len != nil {
		return false
	}
	element, ok := list.Elt.(*ast.SelectorExpr)
	return ok && element.Sel.Name == "Condition"
}
