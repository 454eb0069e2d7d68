package codegen

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	conversiongen "k8s.io/code-generator/cmd/conversion-gen/generators"
	gengotypes "k8s.io/gengo/v2/types"
)

// conversion-gen logs what it cannot convert, leaves the function out and succeeds; the compiler then complains about
// generated code. Here it is an error that says which function to write.
var (
	missingConversion = regexp.MustCompile(`could not find nor generate a final Conversion function for (\S+) -> (\S+)`)
	skippedField      = regexp.MustCompile(`^\s+- (\w+)$`)
	missingElement    = regexp.MustCompile(`// FIXME: (Provide conversion function to convert \S+ to \S+|Converting unassignable keys unsupported \S+)`)
	enclosingFunction = regexp.MustCompile(`(?m)^func (autoConvert_\w+)\(in \*(\S+), `)
)

// conversions returns the conversions that the user must write.
func (p *places) conversions(g upstream, said []logLine, in *inputs) []Diagnostic {
	if g.program != "conversion-gen" {
		return nil
	}
	list := p.inconvertible(g, in)
	for i, line := range said {
		m := missingConversion.FindStringSubmatch(line.text)
		if m == nil {
			continue
		}
		var fields []string
		for _, next := range said[i+1:] {
			if f := skippedField.FindStringSubmatch(next.text); f != nil {
				fields = append(fields, f[1])
			} else if missingConversion.MatchString(next.text) {
				break
			}
		}
		list = append(list, p.conversion(g, m[1], m[2], fields))
	}
	return list
}

// conversion says which function to write to convert the type named from to the one named to.
func (p *places) conversion(g upstream, from, to string, fields []string) Diagnostic {
	in, out := gengotypes.ParseFullyQualifiedName(from), gengotypes.ParseFullyQualifiedName(to)
	local := in.Package // where the function belongs: the package that asks for conversions
	if !slices.Contains(g.inputs, local) {
		local = out.Package
	}
	name := "Convert_" + conversionName(from) + "_To_" + conversionName(to)
	written := func(t gengotypes.Name) string {
		if t.Package == local {
			return "*" + t.Name
		}
		return "*" + path.Base(t.Package) + "." + t.Name
	}
	message := fmt.Sprintf("cannot generate the conversion of %s to %s: %s has no counterpart of its type; "+
		"write func %s(in %s, out %s, s conversion.Scope) error in package %s (it may call auto%s for the other fields)",
		from, to, strings.Join(fields, ", "), name, written(in), written(out), path.Base(local), name)
	for _, candidate := range []string{from, to} {
		if t := p.types[candidate]; t != nil {
			first := ""
			if candidate == from && len(fields) > 0 {
				first = fields[0]
			}
			return p.inType(t, first, message)
		}
	}
	return Diagnostic{Message: p.shorten(message)}
}

// inconvertible returns the conversions between basic types that conversion-gen writes as Go conversions which do not
// compile, or do nonsense: it makes no difference between strings, numbers and booleans.
func (p *places) inconvertible(g upstream, in *inputs) []Diagnostic {
	var list []Diagnostic
	for _, pkg := range g.inputs {
		for _, peer := range in.peers[pkg] {
			for name, local := range p.types {
				if other := p.types[peer+"."+local.spec.Name.Name]; other != nil && name == pkg+"."+local.spec.Name.Name {
					list = append(list, p.basicFields(g, local, other)...)
					list = append(list, p.basicFields(g, other, local)...)
				}
			}
		}
	}
	return list
}

// basicFields compares the fields of two types of the same name.
func (p *places) basicFields(g upstream, from, to *typePlace) []Diagnostic {
	a, b := from.structure(), to.structure()
	if a == nil || b == nil {
		return nil
	}
	var list []Diagnostic
	for v := range a.Fields() {
		for w := range b.Fields() {
			if v.Name() != w.Name() || alike(v.Type(), w.Type()) || optedOut(from.fields[v.Name()]) ||
				p.converted(g, v.Type(), w.Type()) {
				continue
			}
			list = append(list, p.inType(from, v.Name(), fmt.Sprintf("conversion-gen cannot convert %s.%s (%s) to %s.%s (%s): "+
				"give them the same type, or mark both // +k8s:conversion-gen=false and set them in func Convert_%s_To_%s",
				from.name(), v.Name(), v.Type(), to.name(), w.Name(), w.Type(),
				conversionName(from.name()), conversionName(to.name()))))
		}
	}
	return list
}

// optedOut reports whether a field is marked as not to be converted.
func optedOut(field *ast.Field) bool {
	return field != nil && field.Doc != nil && slices.ContainsFunc(field.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(strings.TrimLeft(c.Text, "/ \t"), "+k8s:conversion-gen=false")
	})
}

// converted reports whether the user wrote a conversion between two types.
func (p *places) converted(g upstream, from, to types.Type) bool {
	function := "Convert_" + conversionName(from.String()) + "_To_" + conversionName(to.String())
	return slices.ContainsFunc(g.inputs, func(pkg string) bool {
		_, ok := p.funcs[pkg+"."+function]
		return ok
	})
}

// conversionName returns the part of a conversion function's name that stands for a type.
func conversionName(name string) string {
	return conversiongen.NameSystems()["public"].Name(&gengotypes.Type{Name: gengotypes.ParseFullyQualifiedName(name)})
}

// alike reports whether a Go conversion between the types, if both are basic, keeps the value's meaning.
func alike(a, b types.Type) bool {
	x, ok := a.Underlying().(*types.Basic)
	y, ok2 := b.Underlying().(*types.Basic)
	const kinds = types.IsString | types.IsBoolean | types.IsNumeric
	return !ok || !ok2 || x.Info()&kinds == y.Info()&kinds
}

// generated returns what is wrong with generated files that upstream itself did not notice.
func (p *places) generated(files map[string][]byte) []Diagnostic {
	var list []Diagnostic
	for name, content := range files {
		switch path.Base(name) {
		case conversionFile:
			list = append(list, p.conversionFile(name, string(content))...)
		case validationsFile:
			list = append(list, p.validationFile(name, string(content))...)
		}
	}
	return list
}

func (p *places) conversionFile(name, content string) []Diagnostic {
	pkg := p.packageIn(path.Dir(name))
	if pkg == nil {
		return nil
	}
	var list []Diagnostic
	if pkg.types.Scope().Lookup("localSchemeBuilder") == nil {
		list = append(list, p.at(p.packages[pkg.ImportPath], "generated conversions register themselves with "+
			"localSchemeBuilder, which this package lacks: declare var localSchemeBuilder = &SchemeBuilder"))
	}
	for _, m := range missingElement.FindAllStringSubmatchIndex(content, -1) {
		message := "conversion-gen: " + content[m[2]:m[3]]
		at := p.packages[pkg.ImportPath]
		if f := enclosingFunction.FindAllStringSubmatch(content[:m[0]], -1); len(f) > 0 {
			last := f[len(f)-1]
			message += " (needed by " + last[1] + ")"
			if t := p.types[pkg.ImportPath+"."+last[2]]; t != nil {
				at = t.spec.Name.Pos()
			}
		}
		list = append(list, p.at(at, message))
	}
	return list
}

// packageIn returns the package of the user's in a folder, by slash path relative to the project.
func (p *places) packageIn(dir string) *unit {
	for pkg := range p.packages {
		if u := p.l.units[pkg]; p.l.src.rel(u.Dir) == dir {
			return u
		}
	}
	return nil
}
