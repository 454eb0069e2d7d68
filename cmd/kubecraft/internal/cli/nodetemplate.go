package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"
	kubeyaml "sigs.k8s.io/yaml"

	"github.com/kubecraft/kubecraft/cmd/kubecraft/internal/client"
)

var (
	lineOfYAML   = regexp.MustCompile(`line (\d+): (.*)`)
	unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type \S+`)
)

// nodeTemplate is a file with the Node that new ones are like. Without a name there is none.
type nodeTemplate struct {
	file string
	text []byte
	// json is what the text says, root where.
	json []byte
	root *yaml.Node
}

// readNodeTemplate reads a file with a Node, and says what is wrong with it as far as that can be said without a server: FILE:LINE:COLUMN and the
// message.
func readNodeTemplate(file string) (*nodeTemplate, error) {
	t := &nodeTemplate{file: file}
	if file == "" {
		return t, nil
	}
	var err error
	if t.text, err = os.ReadFile(file); err != nil {
		return nil, err
	}
	if t.json, err = kubeyaml.YAMLToJSONStrict(t.text); err != nil {
		if m := lineOfYAML.FindStringSubmatch(err.Error()); m != nil {
			return nil, fmt.Errorf("%s:%s: %s", file, m[1], m[2])
		}
		return nil, fmt.Errorf("%s: %s", file, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(t.text))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: it is not a Node of v1, which begins with apiVersion: v1 and kind: Node", file)
	}
	t.root = document.Content[0]
	if second := new(yaml.Node); !errors.Is(decoder.Decode(second), io.EOF) {
		return nil, fmt.Errorf("%s:%d:%d: a second document; a template is one Node", file, max(second.Line, 1), max(second.Column, 1))
	}
	return t, t.check()
}

// check says what is wrong with kind and resources. Of a quantity that cannot be read the server does not say whose it is.
func (t *nodeTemplate) check() error {
	var of struct{ APIVersion, Kind string }
	if err := json.Unmarshal(t.json, &of); err != nil || of.APIVersion != "v1" || of.Kind != "Node" {
		return t.errorf("kind", "it is %s, not a Node of v1", strings.TrimSpace(of.APIVersion+" "+of.Kind))
	}
	capacity, err := t.resources("status.capacity")
	if err != nil {
		return err
	}
	allocatable, err := t.resources("status.allocatable")
	if err != nil {
		return err
	}
	for _, of := range pairs(find(t.root, "status.allocatable")) {
		has, ok := capacity[of.key.Value]
		if wants := allocatable[of.key.Value]; !ok || wants.Cmp(has) > 0 {
			return t.at(of.key, "status.allocatable has more %s than status.capacity: give it a capacity of %s or more", of.key.Value, wants.String())
		}
	}
	return nil
}

// resources reads the quantities at a path.
func (t *nodeTemplate) resources(path string) (map[string]resource.Quantity, error) {
	all := map[string]resource.Quantity{}
	for _, of := range pairs(find(t.root, path)) {
		name := path + "." + of.key.Value
		quantity, err := resource.ParseQuantity(of.value.Value)
		switch {
		case of.value.Kind != yaml.ScalarNode || err != nil:
			return nil, t.at(of.value, "%s is %q, which is no quantity: 8, 500m and 32Gi are", name, of.value.Value)
		case quantity.Sign() < 0:
			return nil, t.at(of.value, "%s is %s: a node cannot have less than nothing", name, quantity.String())
		case quantity.CmpInt64(math.MaxInt64/1000) > 0:
			return nil, t.at(of.value, "%s is %s, which is more than can be counted", name, of.value.Value)
		}
		all[of.key.Value] = quantity
	}
	return all, nil
}

// checkWith asks the server what is wrong with the template, before it is given any.
func (t *nodeTemplate) checkWith(ctx context.Context, server *client.Client) error {
	if t.file == "" {
		return nil
	}
	var node map[string]any
	if err := json.Unmarshal(t.json, &node); err != nil {
		return err
	}
	metadata, ok := node["metadata"].(map[string]any)
	if !ok && node["metadata"] != nil {
		return t.errorf("metadata", "metadata is no map")
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	delete(metadata, "name") // nodes have names of their own
	metadata["generateName"] = "template-"
	node["metadata"] = metadata
	asked, err := json.Marshal(node)
	if err != nil {
		return err
	}
	err = server.CheckNode(ctx, asked)
	if refused, ok := errors.AsType[*client.StatusError](err); ok {
		return t.explain(refused)
	}
	return err
}

// explain says where in the file it is what the server refuses. What is not about the Node, such as a webhook that cannot be asked without a
// write, is for the making of nodes to find out.
func (t *nodeTemplate) explain(refused *client.StatusError) error {
	switch {
	case refused.Code == http.StatusUnprocessableEntity && len(refused.Causes) > 0:
		cause := refused.Causes[0]
		field := cause.Field
		if rest, ok := strings.CutPrefix(field, "metadata.taints"); ok { // as upstream's validation calls them
			field = "spec.taints" + rest
		}
		return t.errorf(field, "%s: %s", field, cause.Message)
	case refused.Code != http.StatusBadRequest:
		return nil
	}
	if m := unknownField.FindStringSubmatch(refused.Reason); m != nil {
		return t.errorf(m[1], "a Node has no field %s", m[1])
	}
	if m := wrongType.FindStringSubmatch(refused.Reason); m != nil {
		return t.errorf(m[2], "%s cannot be a %s", m[2], m[1])
	}
	if _, why, ok := strings.Cut(refused.Reason, "cannot be handled as a Node: "); ok {
		return fmt.Errorf("%s: %s", t.file, why)
	}
	return nil
}

// errorf returns an error about what is at a path, or what is nearest above it.
func (t *nodeTemplate) errorf(path, format string, args ...any) error {
	return t.at(nearest(t.root, path), format, args...)
}

func (t *nodeTemplate) at(of *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", t.file, of.Line, of.Column, fmt.Sprintf(format, args...))
}

// pair is a key of a map in YAML with its value.
type pair struct{ key, value *yaml.Node }

func pairs(of *yaml.Node) []pair {
	var all []pair
	for of != nil && of.Kind == yaml.AliasNode {
		of = of.Alias
	}
	if of == nil || of.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(of.Content); i += 2 {
		all = append(all, pair{of.Content[i], of.Content[i+1]})
	}
	return all
}

// find returns the value at a path, nil if there is none.
func find(of *yaml.Node, path string) *yaml.Node {
	for _, key := range strings.Split(path, ".") {
		var next *yaml.Node
		for _, p := range pairs(of) {
			if p.key.Value == key {
				next = p.value
			}
		}
		of = next
	}
	return of
}

// nearest returns the key at a path as the server writes it, a.b[0].c or a[b], or of it as much as there is. Keys may have dots.
func nearest(of *yaml.Node, path string) *yaml.Node {
	if path == "" {
		return of
	}
	if of.Kind == yaml.SequenceNode {
		for i, item := range of.Content {
			if rest, ok := strings.CutPrefix(path, fmt.Sprintf("[%d]", i)); ok {
				return nearest(item, strings.TrimPrefix(rest, "."))
			}
		}
		return of
	}
	for _, p := range pairs(of) {
		rest, ok := below(path, p.key.Value)
		if !ok {
			continue
		}
		if at := nearest(p.value, rest); rest != "" && at != p.value {
			return at
		}
		return p.key
	}
	return of
}

// below returns what of a path is left below a key that it begins with.
func below(path, key string) (string, bool) {
	for _, written := range []string{key, "[" + key + "]"} {
		rest, ok := strings.CutPrefix(path, written)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strings.TrimPrefix(rest, "."), true
		}
	}
	return "", false
}
