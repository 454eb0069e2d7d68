package owners

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubecraft/kubecraft/runtime/extension"
)

const testConfig = `annotation: owners/owner
mayChange: [changers]
ignored: ["system:kube-"]
`

// An object is of the user who makes it, until somebody names another who may.
func TestPlugin(t *testing.T) {
	made, err := newPlugin(t.Context(), extension.File{Name: "config.yaml", Content: []byte(testConfig)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := made.(*plugin)
	named := func(owner string) *metav1.PartialObjectMetadata {
		object := &metav1.PartialObjectMetadata{}
		if owner != "" {
			object.Annotations = map[string]string{"owners/owner": owner}
		}
		return object
	}
	// write is what the server does, and returns whose the object is then.
	write := func(who string, object, old *metav1.PartialObjectMetadata, group, subresource string) (string, error) {
		info := &user.DefaultInfo{Name: who}
		if who == "carol" {
			info.Groups = []string{"changers"}
		}
		operation := admission.Create
		a := admission.NewAttributesRecord(object, nil, schema.GroupVersionKind{Kind: "Thing"}, "default", "one", schema.GroupVersionResource{Group: group, Resource: "things"}, subresource, operation, nil, false, info)
		if old != nil {
			operation = admission.Update
			a = admission.NewAttributesRecord(object, old, schema.GroupVersionKind{Kind: "Thing"}, "default", "one", schema.GroupVersionResource{Group: group, Resource: "things"}, subresource, operation, nil, false, info)
		}
		if !p.Handles(operation) {
			t.Fatalf("it does not handle %s", operation)
		}
		if err := p.Admit(t.Context(), a, nil); err != nil {
			return "", err
		}
		return object.Annotations["owners/owner"], p.Validate(t.Context(), a, nil)
	}
	for what, c := range map[string]struct {
		who                string
		object, old        *metav1.PartialObjectMetadata
		group, subresource string
		want               string // whose it is; "refused" if it is
	}{
		"alice makes it":               {who: "alice", object: named(""), want: "alice"},
		"alice makes one of bob's":     {who: "alice", object: named("bob"), want: "refused"},
		"bob takes it":                 {who: "bob", object: named("bob"), old: named("alice"), want: "refused"},
		"bob does not say whose it is": {who: "bob", object: named(""), old: named("alice"), want: "alice"},
		"bob takes it by its status":   {who: "bob", object: named("bob"), old: named("alice"), subresource: "status", want: "refused"},
		"carol gives it to bob":        {who: "carol", object: named("bob"), old: named("alice"), want: "bob"},
		"a component makes one":        {who: "system:kube-thing", object: named(""), want: ""},
		"a component copies one":       {who: "system:kube-thing", object: named("alice"), want: "alice"},
		"alice asks what she may do":   {who: "alice", object: named(""), group: "authorization.k8s.io", want: ""},
		"alice makes what is not kept": {who: "alice", object: named(""), subresource: "binding", want: ""},
	} {
		got, err := write(c.who, c.object, c.old, c.group, c.subresource)
		if c.want == "refused" {
			if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "the annotation owners/owner must be \"alice\"") {
				t.Errorf("%s: %v", what, err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: it is %q's, %v", what, got, err)
		}
	}
}

func TestWhatIsWrongInTheConfigurationIsSaid(t *testing.T) {
	if _, err := parse(extension.File{Name: "config.yaml", Content: config}); err != nil {
		t.Error(err)
	}
	for content, want := range map[string]string{
		"":                                   "config.yaml: is empty",
		"# mine\n\nanotation: a/b":           "config.yaml:3: field anotation not found",
		"mayChange: []\nannotation: a/b/c":   "config.yaml:2: annotation: a ",
		"annotation: a/b\nmayChange: {a: b}": "config.yaml:2: cannot unmarshal",
	} {
		if _, err := parse(extension.File{Name: "config.yaml", Content: []byte(content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
