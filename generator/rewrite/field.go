package rewrite

import (
	"go/ast"
	"strings"
)

// AddField adds a field at the end of a struct type that has a line for each, as lines of source without indentation. One that is empty
// at the start sets the field apart from those before it.
func AddField(filename string, src []byte, structName string, text ...string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	of := f.structType(structName)
	if of == nil || f.sameLine(f.offset(of.Fields.Opening), f.offset(of.Fields.Closing)) {
		return nil, &NotFoundError{File: filename, Wanted: "struct " + structName + " with a line for each field", Lines: strings.TrimSpace(strings.Join(text, "\n"))}
	}
	end := f.offset(of.Fields.Closing)
	return apply(src, []edit{insert(f.lineStart(end), f.fieldLines(end, text))}), nil
}

// RemoveField takes a field out that is as AddField has put it in, wherever in the struct it is by now. It changes nothing if there is
// none.
func RemoveField(filename string, src []byte, structName string, text ...string) ([]byte, error) {
	f, err := parse(filename, src)
	if err != nil {
		return nil, err
	}
	of := f.structType(structName)
	if of == nil {
		return src, nil
	}
	start, end := f.offset(of.Fields.Opening), f.offset(of.Fields.Closing)
	added := f.fieldLines(end, text)
	// From the start of a line on, not in the middle of one.
	if i := strings.Index(string(src[start:end]), "\n"+added); i >= 0 {
		return apply(src, []edit{{start + i + 1, start + i + 1 + len(added), ""}}), nil
	}
	return src, nil
}

// fieldLines are the lines of a field in a struct whose closing brace is at an offset.
func (f *file) fieldLines(offset int, text []string) string {
	newline, indent := f.newlineAt(offset), f.indentAt(offset)+"\t"
	var lines strings.Builder
	for _, line := range text {
		if line != "" {
			lines.WriteString(indent + line)
		}
		lines.WriteString(newline)
	}
	return lines.String()
}

// structType returns the struct that a file declares by a name, nil if it declares none.
func (f *file) structType(name string) *ast.StructType {
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if of, ok := spec.(*ast.TypeSpec); ok && of.Name.Name == name {
				found, _ := of.Type.(*ast.StructType)
				return found
			}
		}
	}
	return nil
}
