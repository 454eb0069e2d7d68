package codegen

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

// tag is a generator's marker comment in the project's source.
type tag struct {
	name  string // with "=" if there is a value
	value string
	at    Diagnostic // position only
}

// inputs says which packages ask for which generator: the import paths, in the order of kube_codegen.sh, which finds
// them by searching the text of the files for marker comments.
type inputs struct {
	deepcopy, validation, defaulter, conversion, openapi, client []string
	// named are the packages that the markers themselves name (conversion peers, interfaces), by import path.
	named map[string]Diagnostic
	// peers are the packages that a package's types are converted to and from, as its markers say.
	peers map[string][]string
	// asking is where a package first asks for declarative validation, with the marker for it or, without, by validation
	// tags on its types.
	asking map[string]Diagnostic
	// implied are the packages of external types with validation tags that lack the marker, in order.
	implied []string
	// dirs maps every package that asks for something to its slash path relative to the project.
	dirs map[string]string
}

// The expressions of kube_codegen.sh, whose "grep" looks at single lines.
var (
	tagLine     = regexp.MustCompile(`(?m)^[^\S\n]*//[^\S\n]*\+(k8s:[^\s=]*=?|genclient)([^\n]*)$`)
	versionLeaf = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)
)

// findInputs searches the API packages for generator markers.
func findInputs(s *source, module, apis string) (*inputs, error) {
	files, err := s.goFiles(apis)
	if err != nil {
		return nil, err
	}
	in := &inputs{named: map[string]Diagnostic{}, dirs: map[string]string{},
		peers: map[string][]string{}, asking: map[string]Diagnostic{}}
	asked := map[string]map[string]bool{} // generator → set of folders
	for _, file := range files {
		content, err := s.read(file)
		if err != nil {
			return nil, err
		}
		for _, t := range findTags(file, content) {
			generator, asker := generatorOf(t), path.Join(module, path.Dir(file))
			if generator == "" && validates(t) && versionLeaf.MatchString(path.Base(asker)) {
				generator = "implied"
			}
			if generator != "" {
				if asked[generator] == nil {
					asked[generator] = map[string]bool{}
				}
				asked[generator][path.Dir(file)] = true
			}
			if _, ok := in.asking[asker]; !ok && (generator == "validation" || generator == "implied") {
				in.asking[asker] = t.at
			}
			for _, pkg := range packagesNamed(t) {
				if generator == "conversion" {
					in.peers[asker] = append(in.peers[asker], pkg)
				}
				if _, ok := in.named[pkg]; !ok {
					in.named[pkg] = t.at
				}
			}
		}
	}
	list := func(generator string) []string {
		dirs := make([]string, 0, len(asked[generator]))
		for dir := range asked[generator] {
			dirs = append(dirs, dir)
		}
		slices.Sort(dirs) // by folder, as the script does
		for i, dir := range dirs {
			dirs[i] = path.Join(module, dir)
			in.dirs[dirs[i]] = dir
		}
		return dirs
	}
	in.deepcopy, in.validation, in.defaulter = list("deepcopy"), list("validation"), list("defaulter")
	in.implied = slices.DeleteFunc(list("implied"), func(pkg string) bool { return slices.Contains(in.validation, pkg) })
	in.conversion, in.openapi = list("conversion"), list("openapi")
	in.client = slices.DeleteFunc(list("client"), func(pkg string) bool {
		return !versionLeaf.MatchString(path.Base(pkg))
	})
	return in, nil
}

// findTags returns the generator markers in a file's text.
func findTags(file string, content []byte) []tag {
	if !bytes.Contains(content, []byte("+k8s:")) && !bytes.Contains(content, []byte("+genclient")) {
		return nil
	}
	var tags []tag
	for _, m := range tagLine.FindAllSubmatchIndex(content, -1) {
		t := tag{name: string(content[m[2]:m[3]]), at: Diagnostic{File: file}}
		if strings.HasSuffix(t.name, "=") {
			t.value = firstWord(string(content[m[4]:m[5]]))
		}
		t.at.Line, t.at.Column = position(content, m[2]-1)
		tags = append(tags, t)
	}
	return tags
}

// firstWord returns a marker's value without quotes and trailing comment.
func firstWord(s string) string {
	if fields := strings.Fields(s); len(fields) > 0 {
		return strings.Trim(fields[0], "\"`")
	}
	return ""
}

// generatorOf returns the generator that a marker asks for.
func generatorOf(t tag) string {
	switch {
	case strings.HasPrefix(t.name, "genclient"):
		return "client"
	case strings.HasPrefix(t.name, "k8s:openapi"):
		return "openapi"
	case t.name == "k8s:deepcopy-gen=":
		return "deepcopy"
	case t.name == "k8s:validation-gen=":
		return "validation"
	case t.name == "k8s:defaulter-gen=":
		return "defaulter"
	case t.name == "k8s:conversion-gen=":
		return "conversion"
	}
	return ""
}

// validates says whether a marker is one of declarative validation, as against those for generators (which have a dash)
// and those that only describe the type.
func validates(t tag) bool {
	switch name := strings.TrimSuffix(strings.TrimPrefix(t.name, "k8s:"), "="); name {
	case "opaqueType", "supportsSubresource", "isSubresource", "listType", "listMapKey":
		return false
	case "eachVal":
		return t.value != "+k8s:opaqueType"
	default:
		return strings.HasPrefix(t.name, "k8s:") && !strings.Contains(name, "-")
	}
}

// packagesNamed returns the import paths in a marker's value: generators load those packages too.
func packagesNamed(t tag) []string {
	switch t.name {
	case "k8s:conversion-gen=":
		if t.value == "" || t.value == "true" || t.value == "false" {
			return nil
		}
		return []string{t.value}
	case "k8s:conversion-gen-external-types=", "k8s:defaulter-gen-input=", "k8s:validation-gen-input=":
		return []string{t.value}
	case "k8s:deepcopy-gen:interfaces=", "k8s:deepcopy-gen:nonpointer-interfaces=":
		var pkgs []string
		for _, name := range strings.Split(t.value, ",") {
			if i := strings.LastIndexByte(name, '.'); i > 0 && strings.Contains(name[:i], "/") {
				pkgs = append(pkgs, strings.TrimSpace(name[:i]))
			}
		}
		return pkgs
	}
	return nil
}
