package codegen

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	conversionargs "k8s.io/code-generator/cmd/conversion-gen/args"
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

// conversions returns the conversions that the user must write, as findings and as what they are.
func (p *places) conversions(g upstream, said []logLine, in *inputs) (list []Diagnostic, missing []Conversion) {
	if g.program != "conversion-gen" {
		return nil, nil
	}
	list, missing = p.inconvertible(g, in)
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
		missing = append(missing, Conversion{Package: belongs(g, m[1], m[2]), From: m[1], To: m[2], Type: m[1], Fields: fields})
	}
	return list, missing
}

// conversion says which function to write to convert the type named from to the one named to.
func (p *places) conversion(g upstream, from, to string, fields []string) Diagnostic {
	in, out := gengotypes.ParseFullyQualifiedName(from), gengotypes.ParseFullyQualifiedName(to)
	local := belongs(g, from, to)
	name := "Convert_" + conversionName(from) + "_To_" + conversionName(to)
	written := func(t gengotypes.Name) string {
		if t.Package == local {
			return "*" + t.Name
		}
		return "*" + path.Base(t.Package) + "." + t.Name
	}
	message := fmt.Sprintf("cannot generate the conversion of %s to %s: %s has no counterpart of its type; "+
		"write func %s(in %s, out %s, s conversion.Scope) error in package %s (it may call auto%s for the other fields), or have it begun by kubecraft add conversion",
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

// belongs returns the package where the conversion between two types belongs: the one that asks for conversions.
func belongs(g upstream, from, to string) string {
	if local := gengotypes.ParseFullyQualifiedName(from).Package; slices.Contains(g.inputs, local) {
		return local
	}
	return gengotypes.ParseFullyQualifiedName(to).Package
}

// inconvertible returns the conversions between basic types that conversion-gen writes as Go conversions which do not
// compile, or do nonsense: it makes no difference between strings, numbers and booleans.
func (p *places) inconvertible(g upstream, in *inputs) (list []Diagnostic, missing []Conversion) {
	for _, pkg := range g.inputs {
		for _, peer := range in.peers[pkg] {
			for name, local := range p.types {
				if other := p.types[peer+"."+local.spec.Name.Name]; other != nil && name == pkg+"."+local.spec.Name.Name {
					for _, pair := range [][2]*typePlace{{local, other}, {other, local}} {
						found, conversions := p.basicFields(g, pair[0], pair[1])
						list, missing = append(list, found...), append(missing, conversions...)
					}
				}
			}
		}
	}
	return list, missing
}

// basicFields compares the fields of two types of the same name.
func (p *places) basicFields(g upstream, from, to *typePlace) (list []Diagnostic, missing []Conversion) {
	a, b := from.structure(), to.structure()
	if a == nil || b == nil {
		return nil, nil
	}
	for v := range a.Fields() {
		for w := range b.Fields() {
			if v.Name() != w.Name() || alike(v.Type(), w.Type()) || optedOut(from.fields[v.Name()]) ||
				p.converted(g, v.Type(), w.Type()) {
				continue
			}
			c := Conversion{
				Package: belongs(g, from.name(), to.name()), From: v.Type().String(), To: w.Type().String(),
				Type: from.name(), Fields: []string{v.Name()},
			}
			missing = append(missing, c)
			written := func(name string) string { return strings.TrimPrefix(name, c.Package+".") }
			list = append(list, p.inType(from, v.Name(), fmt.Sprintf("conversion-gen cannot convert %s.%s (%s) to %s.%s (%s): "+
				"give them the same type, or write func Convert_%s_To_%s(in *%s, out *%s, s conversion.Scope) error in package %s, or have it begun by kubecraft add conversion",
				from.name(), v.Name(), v.Type(), to.name(), w.Name(), w.Type(),
				conversionName(c.From), conversionName(c.To), written(c.From), written(c.To), path.Base(c.Package))))
		}
	}
	return list, missing
}

// optedOut reports whether a field is marked as not to be converted.
func optedOut(field *ast.Field) bool {
	return field != nil && field.Doc != nil && slices.ContainsFunc(field.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(strings.TrimLeft(c.Text, "/ \t"), "+k8s:conversion-gen=false")
	})
}

// converted reports whether the user, or apimachinery, wrote a conversion between two types.
func (p *places) converted(g upstream, from, to types.Type) bool {
	function := "Convert_" + conversionName(from.String()) + "_To_" + conversionName(to.String())
	for _, peer := range conversionargs.DefaultBasePeerDirs {
		if u := p.l.units[peer]; u != nil && u.types != nil && u.types.Scope().Lookup(function) != nil {
			return true
		}
	}
	return slices.ContainsFunc(g.inputs, func(pkg string) bool {
		_, ok := p.funcs[pkg+"."+function]
		return ok
	})
}

// conversionName returns the part of a conversion function's name that stands for a type.
func conversionName(name string) string {
	if types.Universe.Lookup(name) != nil {
		return name
	}
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
