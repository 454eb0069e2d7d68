package codegen

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	conversiongen "k8s.io/code-generator/cmd/conversion-gen/generators"
	"k8s.io/gengo/v2/types"
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
func (p *places) conversions(g upstream, said []logLine) []Diagnostic {
	if g.program != "conversion-gen" {
		return nil
	}
	var list []Diagnostic
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
	in, out := &types.Type{Name: types.ParseFullyQualifiedName(from)}, &types.Type{Name: types.ParseFullyQualifiedName(to)}
	local := in.Name.Package // where the function belongs: the package that asks for conversions
	if !slices.Contains(g.inputs, local) {
		local = out.Name.Package
	}
	public := conversiongen.NameSystems()["public"]
	name := "Convert_" + public.Name(in) + "_To_" + public.Name(out)
	written := func(t *types.Type) string {
		if t.Name.Package == local {
			return "*" + t.Name.Name
		}
		return "*" + path.Base(t.Name.Package) + "." + t.Name.Name
	}
	message := fmt.Sprintf("cannot generate the conversion of %s to %s: %s has no counterpart of the same type; "+
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
