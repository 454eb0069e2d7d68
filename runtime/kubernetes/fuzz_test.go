package kubernetes_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/rest"

	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
)

// Bodies of every form that the API takes, whole and damaged, through HTTP to many resources: whatever comes, the answer is
// a status of upstream's, never the server's own failure, and the server serves on.
func FuzzRequests(f *testing.F) {
	url, client := sharedClient(f)
	for target := range targets {
		for form := range forms {
			for _, body := range seeds(target) {
				f.Add(uint8(target), uint8(form), body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, target, form uint8, body []byte) {
		at, contentType := targets[int(target)%len(targets)], forms[int(form)%len(forms)]
		answer, text := ask(t, client, at.method, url+at.path+"?dryRun=All", contentType, body)
		if answer.StatusCode >= 400 {
			var status metav1.Status
			if err := json.Unmarshal(text, &status); err != nil || status.Kind != "Status" || int(status.Code) != answer.StatusCode || status.Message == "" {
				t.Errorf("%s %s of %s: %s with no status: %s", at.method, at.path, contentType, answer.Status, text)
			}
		}
		patched := func() []byte {
			_, object := ask(t, client, http.MethodGet, url+at.path, "", nil)
			return object
		}
		if answer.StatusCode >= 500 && !upstreams(patched, at.path, contentType, body, text) {
			t.Errorf("%s %s of %s: %s: %s\n%q", at.method, at.path, contentType, answer.Status, text, body)
		}
		if alive, _ := ask(t, client, http.MethodGet, url+"/livez", "", nil); alive.StatusCode != http.StatusOK {
			t.Fatalf("the server is not alive: %s", alive.Status)
		}
	})
}

// upstreams says whether a status 500 is what kube-apiserver answers too, for errors that it makes no API errors of: a patched
// resource version that is not a number (Update in k8s.io/apiserver/pkg/registry/generic/registry/store.go), and most of what
// can be wrong with a strategic merge patch (interpretStrategicMergePatchError in pkg/endpoints/handlers/patch.go), which
// upstream's own function is asked for.
func upstreams(patched func() []byte, target, contentType string, body, text []byte) bool {
	if bytes.Contains(text, []byte(`"message":"strconv.ParseUint: parsing `)) {
		return true
	}
	of, ok := patches[target]
	if !ok || contentType != "application/strategic-merge-patch+json" {
		return false
	}
	_, err := strategicpatch.StrategicMergePatch(patched(), body, of)
	return err != nil
}

// patches are of these types, by what they patch.
var patches = map[string]any{
	"/api/v1/namespaces/default/configmaps/fuzz":        &corev1.ConfigMap{},
	"/apis/apps/v1/namespaces/default/deployments/fuzz": &appsv1.Deployment{},
	fmt.Sprintf(robotsPath, "default") + "/fuzz":        &toysv1.Robot{},
}

// sharedClient is an administrator's, of the shared server.
func sharedClient(f *testing.F) (url string, client *http.Client) {
	f.Helper()
	if err := startShared(); err != nil {
		f.Fatal(err)
	}
	client, err := rest.HTTPClientFor(shared.plane.RESTConfig())
	if err != nil {
		f.Fatal(err)
	}
	// What patches are of.
	for path, object := range map[string]string{
		"/api/v1/namespaces/default/configmaps":                   `{"metadata":{"name":"fuzz"},"data":{"a":"b"}}`,
		"/apis/apps/v1/namespaces/default/deployments":            deployment,
		fmt.Sprintf(robotsPath, "default"):                        robot("fuzz", ""),
		"/apis/apiextensions.k8s.io/v1/customresourcedefinitions": definition,
	} {
		answer, err := client.Post(shared.plane.URL()+path, "application/json", strings.NewReader(object))
		if err != nil {
			f.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusCreated && answer.StatusCode != http.StatusConflict {
			f.Fatalf("create in %s: %s", path, answer.Status)
		}
	}
	return shared.plane.URL(), client
}

func ask(t *testing.T, client *http.Client, method, url, contentType string, body []byte) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatalf("no answer to %s %s of %s: %v\n%q", method, url, contentType, err, body)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("the answer to %s %s of %s is cut off: %v\n%q", method, url, contentType, err, body)
	}
	return answer, text
}

const (
	deployment = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"fuzz"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},
		"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}`
	definition = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"fuzzes.fuzz.example.com"},"spec":{"group":"fuzz.example.com",
		"scope":"Namespaced","names":{"plural":"fuzzes","kind":"Fuzz"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
		"properties":{"spec":{"type":"object","properties":{"n":{"type":"integer","default":1}},"x-kubernetes-validations":[{"rule":"self.n < 10"}]}}}}}]}}`
	policy = `{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"fuzz"},"spec":{"matchConstraints":{"resourceRules":
		[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]},"validations":[{"expression":"object.metadata.name != 'x'"}]}}`
	review = `{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"joe","resourceAttributes":{"verb":"get","resource":"pods"}}}`
)

// targets are what is asked for, each with a body that it takes.
var targets = []struct{ method, path, body string }{
	{http.MethodPost, "/api/v1/namespaces/default/configmaps", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new"},"data":{"a":"b"}}`},
	{http.MethodPut, "/api/v1/namespaces/default/configmaps/fuzz", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fuzz"},"data":{"a":"c"}}`},
	{http.MethodPatch, "/api/v1/namespaces/default/configmaps/fuzz", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fuzz"},"data":{"a":"d"}}`},
	{http.MethodPatch, "/apis/apps/v1/namespaces/default/deployments/fuzz", deployment},
	{http.MethodPost, "/apis/apps/v1/namespaces/default/deployments", strings.Replace(deployment, "fuzz", "new", 1)},
	{http.MethodPost, fmt.Sprintf(robotsPath, "default"), robot("new", "")},
	{http.MethodPatch, fmt.Sprintf(robotsPath, "default") + "/fuzz", robot("fuzz", "")},
	{http.MethodPost, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", strings.ReplaceAll(definition, "fuzz", "new")},
	{http.MethodPost, "/apis/fuzz.example.com/v1/namespaces/default/fuzzes", `{"apiVersion":"fuzz.example.com/v1","kind":"Fuzz","metadata":{"name":"a"},"spec":{"n":2}}`},
	{http.MethodPost, "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", policy},
	{http.MethodPost, "/apis/authorization.k8s.io/v1/subjectaccessreviews", review},
	{http.MethodDelete, "/api/v1/namespaces/default/configmaps/fuzz", `{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}`},
}

// forms are the content types that bodies claim to be of.
var forms = []string{
	"application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/cbor",
	"application/merge-patch+json", "application/strategic-merge-patch+json", "application/json-patch+json",
	"application/apply-patch+yaml", "application/apply-patch+cbor", "text/plain", "",
}

// seeds are a body that is right and many that are not.
func seeds(target int) [][]byte {
	right := targets[target].body
	all := [][]byte{
		[]byte(right), []byte(right[:len(right)/2]), []byte(strings.Replace(right, `"metadata":{`, `"metadata":{"name":1,`, 1)),
		[]byte(`{"$patch":""}`), []byte(`{"metadata":{"$setElementOrder/":[]}}`), []byte(`{"metadata":{"resourceVersion":"A"}}`),
	}
	if target > 1 {
		return append(all, []byte(strings.Repeat("[", 100000)))
	}
	for _, text := range []string{
		"", "null", "[]", "{}", "0", `"`, "{", "\xff\xfe", "{\"metadata\":{\"name\":\"\xff\"}}", `{"kind":"Pod","apiVersion":"v1"}`, `{"kind":1}`,
		`{"metadata":{"name":"a","labels":[]}}`, `{"metadata":{"resourceVersion":"-1"}}`, `{"metadata":{"resourceVersion":"99999999999999999999"}}`,
		`{"metadata":{"name":"a","managedFields":[{"fieldsV1":{"f:":{}}}]}}`, `{"metadata":{"creationTimestamp":"yesterday"}}`, `{"data":{"a":1e999}}`,
		strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 20000), `{"metadata":` + strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2001),
		"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "? a\n: - b\n  -\tc", "--- a\n--- b\n", "!!binary x", "a: *b",
		`[{"op":"replace","path":"/data/a","value":"x"}]`, `[{"op":"test","path":"/data/a","value":"x"}]`, `[{"op":"move","from":"/metadata","path":"/metadata/name"}]`,
		`[{"op":"add","path":"/data/~2","value":{}}]`, `[{"op":"copy","from":"","path":"/data/a"}]`, `[{"op":"remove","path":"/nothing"}]`, `[{}]`,
		`{"data":{"$patch":"replace"}}`, `{"$patch":"strange"}`, `{"metadata":{"$setElementOrder/finalizers":[1]}}`, `{"metadata":{"$retainKeys":"x"}}`,
		"k8s\x00", "k8s\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "k8s\x00\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x04\x0a\x02\x0a\x00",
		"k8s\x00\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\xff\xff\xff\xff\x0f", "k8s\x00\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x08\x0a\x06\x0a\x04\xff\xff\xff\xff",
		"\xd9\xd9\xf7", "\xd9\xd9\xf7\xa0", "\xd9\xd9\xf7\xa1\x61a\x61b", "\xd9\xd9\xf7\xbf\x61a\xff", "\xd9\xd9\xf7\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xd9\xd9\xf7" + strings.Repeat("\x81", 100000), "\xd9\xd9\xf7\xa2\x44kind\x49ConfigMap\x4aapiVersion\x42v1", "\xa1\x44kind\xf6", "\xd9\xd9\xf7\xa1\x44data\xa1\x41a\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
	} {
		all = append(all, []byte(text))
	}
	return all
}
