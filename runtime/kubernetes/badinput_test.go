package kubernetes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

func TestFilesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, want string }{
		"key of service accounts":        {"pki/sa.key", "not a key", "sa.key"},
		"authority of the front proxy":   {"pki/front-proxy-ca.crt", "not a certificate", "front-proxy-ca"},
		"certificate of the front proxy": {"pki/front-proxy-client.crt", "not a certificate", ""}, // made anew
		"kubeconfig":                     {"pki/kubeconfig", "- not a map", "pki/kubeconfig"},
		"developer's kubeconfig":         {"pki/developer.kubeconfig", "- not a map", "developer.kubeconfig"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := options(dir)
			o.Kubeconfig = filepath.Join(o.PKI, "kubeconfig")
			if err := os.MkdirAll(o.PKI, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			plane, err := controlplane.Start(t.Context(), o, kubernetes.All())
			if err == nil {
				err = plane.Stop()
				if c.want != "" {
					t.Fatalf("it starts; stop: %v", err)
				}
			}
			if c.want == "" && err != nil || c.want != "" && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%v, not one line with %q", err, c.want)
			}
		})
	}
}

func TestAWebhookThatHangs(t *testing.T) {
	c, namespace := sharedCluster(t)
	asked := map[string]*atomic.Int32{"/Fail": {}, "/Ignore": {}}
	url, ca := other(t, func(_ http.ResponseWriter, req *http.Request) {
		asked[req.URL.Path].Add(1)
		<-req.Context().Done()
	})
	for policy, resource := range map[string]string{"Fail": "configmaps", "Ignore": "secrets"} {
		text, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"name": namespace + "-" + strings.ToLower(policy)},
			"webhooks": []any{map[string]any{
				"name": "hangs.example.com", "sideEffects": "None", "admissionReviewVersions": []string{"v1"},
				"failurePolicy": policy, "timeoutSeconds": 1,
				"clientConfig":      map[string]any{"url": url + "/" + policy, "caBundle": []byte(ca)},
				"namespaceSelector": map[string]any{"matchLabels": map[string]string{"kubernetes.io/metadata.name": namespace}},
				"rules": []any{map[string]any{"apiGroups": []string{""}, "apiVersions": []string{"v1"},
					"operations": []string{"CREATE"}, "resources": []string{resource}}},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.create("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", string(text))
	}
	c.eventually("the webhook is asked", func() bool {
		err := c.try("/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"a"}}`)
		if err == nil {
			return false
		}
		const want = `Internal error occurred: failed calling webhook "hangs.example.com": failed to call webhook: Post `
		if !apierrors.IsInternalError(err) || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "context deadline exceeded") {
			t.Fatalf("policy Fail: %v", err)
		}
		return true
	})
	c.eventually("the other is asked too, and what it does not answer is let in", func() bool {
		if err := c.try("/api/v1/namespaces/"+namespace+"/secrets", `{"metadata":{"name":"a"}}`); err != nil {
			t.Fatalf("policy Ignore: %v", err)
		}
		return asked["/Ignore"].Load() > 0
	})
}

func TestWhatDoesNotCompileIsRefused(t *testing.T) {
	c, namespace := sharedCluster(t)
	definition := func(schema string) string {
		return fmt.Sprintf(`{"metadata":{"name":"bads.%[1]s.example.com"},"spec":{"group":"%[1]s.example.com","scope":"Namespaced",
			"names":{"plural":"bads","kind":"Bad"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":%[2]s}}]}}`, namespace, schema)
	}
	policy := func(expression string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],
			"resources":["configmaps"]}]},"validations":[{"expression":%q}]}}`, namespace, expression)
	}
	const definitions, policies = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
	for name, b := range map[string]struct{ path, object, want string }{
		"no structural schema": {definitions, definition(`{"properties":{"spec":{"type":"object"}}}`), "openAPIV3Schema.type: Required value"},
		"unknown type":         {definitions, definition(`{"type":"object","properties":{"spec":{"type":"strange"}}}`), `Unsupported value: "strange"`},
		"pattern": {definitions, definition(`{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string","pattern":"("}}}}}`),
			"must be a valid regular expression"},
		"syntax of a rule": {definitions, definition(`{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self +"}]}}}`),
			"compilation failed: ERROR: <input>:1:7: Syntax error"},
		"field of a rule": {definitions, definition(`{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.nothing > 1"}]}}}`),
			"undefined field 'nothing'"},
		"cost of a rule": {definitions, definition(`{"type":"object","properties":{"spec":{"type":"array","items":{"type":"string"},
			"x-kubernetes-validations":[{"rule":"self.all(x, self.all(y, self.all(z, x == y + z)))"}]}}}`), "exceeds budget"},
		"default":            {definitions, definition(`{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}}}`), "must be of type integer"},
		"policy's syntax":    {policies, policy("object.metadata."), "compilation failed: ERROR: <input>:1:17: Syntax error"},
		"what a policy asks": {policies, policy("1 + 1"), "must evaluate to bool"},
	} {
		if err := c.post(b.path, b.object); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), b.want) {
			t.Errorf("%s: %v, not invalid with %q", name, err, b.want)
		}
	}
}

func TestBodiesThatAreTooLarge(t *testing.T) {
	c, namespace := sharedCluster(t)
	const limit = 3 << 20 // upstream's MaxRequestBodyBytes
	path := "/api/v1/namespaces/" + namespace + "/configmaps"
	c.create(path, `{"metadata":{"name":"a"}}`)
	for _, kind := range []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"} {
		for name, body := range map[string][]byte{
			"a byte too many": bytes.Repeat([]byte{' '}, limit+1),
			"ten times that":  bytes.Repeat([]byte{' '}, 10*limit),
		} {
			err := c.CoreV1().RESTClient().Post().AbsPath(path).SetHeader("Content-Type", kind).Body(body).Do(t.Context()).Error()
			if !apierrors.IsRequestEntityTooLargeError(err) {
				t.Errorf("%s of %s: %v", name, kind, err)
			}
		}
	}
	err := c.CoreV1().RESTClient().Patch("application/merge-patch+json").AbsPath(path, "a").Body(bytes.Repeat([]byte{' '}, limit+1)).Do(t.Context()).Error()
	if !apierrors.IsRequestEntityTooLargeError(err) {
		t.Errorf("patch: %v", err)
	}
	// Up to the limit it is what the object's own rules say.
	big := `{"metadata":{"name":"big"},"data":{"k":"` + strings.Repeat("x", limit-100) + `"}}`
	if err := c.post(path, big); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "Too long: may not be more than 1048576 bytes") {
		t.Errorf("below the limit: %.300v", err)
	}
	if _, err := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), "a", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}
