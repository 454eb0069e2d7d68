package kubernetes_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func TestCustomResources(t *testing.T) {
	c, namespace := sharedCluster(t)
	group := namespace + ".example.com"
	c.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", fmt.Sprintf(`{"metadata":{"name":"crons.%[1]s"},"spec":{"group":%[1]q,"scope":"Namespaced",
		"names":{"plural":"crons","kind":"Cron"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},
		"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},"selectableFields":[{"jsonPath":".spec.replicas"}],
		"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
			"replicas":{"type":"integer","default":3},"limit":{"type":"integer"}},
			"x-kubernetes-validations":[{"rule":"!has(self.limit) || self.limit >= self.replicas","message":"above the limit"}]},
			"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}`, group))
	crons := fmt.Sprintf("/apis/%s/v1/namespaces/%s/crons", group, namespace)
	object := func(name, spec string) string {
		return fmt.Sprintf(`{"apiVersion":"%s/v1","kind":"Cron","metadata":{"name":%q},"spec":{%s}}`, group, name, spec)
	}
	c.eventually("the resource is served", func() bool { return c.post(crons, object("a", "")) == nil })
	made, err := c.objects.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: "crons"}).Namespace(namespace).Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if replicas, _, _ := unstructured.NestedInt64(made.Object, "spec", "replicas"); replicas != 3 {
		t.Errorf("defaults are not set: %v", made.Object)
	}
	if err := c.post(crons, object("b", `"limit":1`)); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "above the limit") {
		t.Errorf("against its rule: %v", err)
	}
	c.create(crons, object("b", ""))
	if err := c.CoreV1().RESTClient().Patch(types.MergePatchType).AbsPath(crons, "b", "scale").Body([]byte(`{"spec":{"replicas":7}}`)).Do(t.Context()).Error(); err != nil {
		t.Errorf("scale: %v", err)
	}
	selected, err := c.objects.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: "crons"}).Namespace(namespace).
		List(t.Context(), metav1.ListOptions{FieldSelector: "spec.replicas=7"})
	if err != nil || len(selected.Items) != 1 || selected.Items[0].GetName() != "b" {
		t.Errorf("by a field of its own: %v, %v", selected, err)
	}
	// Documents that are built when asked for know what has come since the start.
	c.eventually("the document has it", func() bool {
		body, err := c.CoreV1().RESTClient().Get().AbsPath("/openapi/v3/apis/" + group + "/v1").DoRaw(t.Context())
		return err == nil && strings.Contains(string(body), "replicas")
	})
}

func TestCustomResourcesAreConverted(t *testing.T) {
	c, namespace := sharedCluster(t)
	group := namespace + ".example.com"
	// v1 has a host, v2 an address: both are where.
	url, ca := other(t, func(w http.ResponseWriter, req *http.Request) {
		var review struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Request    struct {
				UID               string                      `json:"uid"`
				DesiredAPIVersion string                      `json:"desiredAPIVersion"`
				Objects           []unstructured.Unstructured `json:"objects"`
			} `json:"request"`
		}
		if err := json.NewDecoder(req.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, object := range review.Request.Objects {
			from, to := "host", "address"
			if strings.HasSuffix(review.Request.DesiredAPIVersion, "/v1") {
				from, to = to, from
			}
			where, _, _ := unstructured.NestedString(object.Object, "spec", from)
			_ = unstructured.SetNestedMap(object.Object, map[string]any{to: where}, "spec")
			object.SetAPIVersion(review.Request.DesiredAPIVersion)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": review.APIVersion, "kind": review.Kind, "response": map[string]any{
			"uid": review.Request.UID, "convertedObjects": review.Request.Objects, "result": map[string]any{"status": "Success"},
		}})
	})
	version := func(name, field string, storage bool) string {
		return fmt.Sprintf(`{"name":%q,"served":true,"storage":%t,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
			"properties":{%q:{"type":"string"}}}}}}}`, name, storage, field)
	}
	c.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", fmt.Sprintf(`{"metadata":{"name":"places.%[1]s"},"spec":{"group":%[1]q,"scope":"Namespaced",
		"names":{"plural":"places","kind":"Place"},"versions":[%[2]s,%[3]s],"conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],
		"clientConfig":{"url":%[4]q,"caBundle":%[5]q}}}}}`,
		group, version("v1", "host", true), version("v2", "address", false), url, base64.StdEncoding.EncodeToString([]byte(ca))))
	at := func(version string) string {
		return "/apis/" + group + "/" + version + "/namespaces/" + namespace + "/places"
	}
	c.eventually("both versions are served", func() bool {
		return c.post(at("v1"), fmt.Sprintf(`{"apiVersion":"%s/v1","kind":"Place","metadata":{"name":"a"},"spec":{"host":"here"}}`, group)) == nil
	})
	c.create(at("v2"), fmt.Sprintf(`{"apiVersion":"%s/v2","kind":"Place","metadata":{"name":"b"},"spec":{"address":"there"}}`, group))
	for path, want := range map[string]string{
		at("v2") + "/a": `"spec":{"address":"here"}`,
		at("v1") + "/b": `"spec":{"host":"there"}`,
		at("v2"):        `"spec":{"address":"here"}`,
		at("v1"):        `"spec":{"host":"there"}`,
	} {
		if got := c.get(path); !strings.Contains(got, want) {
			t.Errorf("%s has no %s: %s", path, want, got)
		}
	}
}

func TestServiceAccountsHaveTokens(t *testing.T) {
	c, namespace := sharedCluster(t)
	c.eventually("the default account and the authority are there", func() bool {
		_, err := c.CoreV1().ServiceAccounts(namespace).Get(t.Context(), "default", metav1.GetOptions{})
		if err != nil {
			return false
		}
		ca, err := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil && ca.Data["ca.crt"] == string(c.config.CAData)
	})
	token, err := c.CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.config)
	config.BearerToken = token.Status.Token
	account, err := clientset.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	review, err := account.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "system:serviceaccount:" + namespace + ":default"; review.Status.UserInfo.Username != want {
		t.Errorf("the token is of %s, not of %s", review.Status.UserInfo.Username, want)
	}
	if _, err := account.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("without a role: %v", err)
	}

	// A token secret, as clusters of old have them.
	c.create("/api/v1/namespaces/"+namespace+"/secrets", `{"metadata":{"name":"old","annotations":{"kubernetes.io/service-account.name":"default"}},"type":"kubernetes.io/service-account-token"}`)
	c.eventually("the secret has its token", func() bool {
		secret, err := c.CoreV1().Secrets(namespace).Get(t.Context(), "old", metav1.GetOptions{})
		return err == nil && len(secret.Data["token"]) > 0
	})

	var discovery struct {
		Issuer string `json:"issuer"`
	}
	if err := json.Unmarshal([]byte(c.get("/.well-known/openid-configuration")), &discovery); err != nil || discovery.Issuer == "" {
		t.Errorf("OIDC discovery: %v, %v", discovery, err)
	}
	if keys := c.get("/openid/v1/jwks"); !strings.Contains(keys, `"ES256"`) {
		t.Errorf("keys: %s", keys)
	}
}

func TestStrangersSeeHealthOnly(t *testing.T) {
	c, _ := sharedCluster(t)
	transport, err := rest.TransportFor(rest.AnonymousClientConfig(c.config))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/readyz": 200, "/livez": 200, "/healthz": 200,
		"/version": 401, "/api": 401, "/apis/apps/v1/deployments": 401, "/metrics": 401, "/openapi/v3": 401, "/readyz/etcd": 401,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.plane.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, not %d", path, response.StatusCode, want)
		}
	}
	plain, err := http.Get("http://" + strings.TrimPrefix(c.plane.URL(), "https://") + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	_ = plain.Body.Close()
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %s", plain.Status)
	}
}

func TestRequestsAreOfAFlow(t *testing.T) {
	c, namespace := sharedCluster(t)
	client, err := rest.HTTPClientFor(c.config)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Get(c.plane.URL() + "/api/v1/namespaces/" + namespace)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	exempt, err := c.FlowcontrolV1().FlowSchemas().Get(t.Context(), "exempt", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("X-Kubernetes-PF-FlowSchema-UID"); got != string(exempt.UID) {
		t.Errorf("an administrator's request is of the flow schema %q, not of %q", got, exempt.UID)
	}
}

func TestServicesGetAddressesAndPorts(t *testing.T) {
	c, namespace := sharedCluster(t)
	c.create("/api/v1/namespaces/"+namespace+"/services", `{"metadata":{"name":"a"},"spec":{"type":"NodePort","ports":[{"port":80}]}}`)
	service, err := c.CoreV1().Services(namespace).Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(service.Spec.ClusterIP, "10.") || service.Spec.Ports[0].NodePort < 30000 {
		t.Errorf("service: %v", service.Spec)
	}
	c.eventually("the service kubernetes is there", func() bool {
		kubernetes, err := c.CoreV1().Services("default").Get(t.Context(), "kubernetes", metav1.GetOptions{})
		return err == nil && kubernetes.Spec.ClusterIP == "10.96.0.1"
	})
}

func TestRolesOfOldAreAggregated(t *testing.T) {
	c, _ := sharedCluster(t)
	c.eventually("the role view has rules", func() bool {
		view, err := c.RbacV1().ClusterRoles().Get(t.Context(), "view", metav1.GetOptions{})
		return err == nil && len(view.Rules) > 0
	})
}

// other is a server of somebody else's, with TLS. It returns its address and its certificate, PEM.
func other(t *testing.T, handler http.HandlerFunc) (address, ca string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}

func TestWebhooksAreAsked(t *testing.T) {
	c, namespace := sharedCluster(t)
	url, ca := other(t, func(w http.ResponseWriter, req *http.Request) {
		var review struct {
			Request struct {
				UID string `json:"uid"`
			} `json:"request"`
		}
		body, _ := io.ReadAll(req.Body)
		_ = json.Unmarshal(body, &review)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":%q,"allowed":%t,"status":{"message":"the webhook says no"}}}`,
			review.Request.UID, !strings.Contains(string(body), `"refused"`))
	})
	hook := map[string]any{
		"metadata": map[string]any{"name": namespace},
		"webhooks": []any{map[string]any{
			"name": "hook.example.com", "sideEffects": "None", "admissionReviewVersions": []string{"v1"},
			"clientConfig":      map[string]any{"url": url, "caBundle": []byte(ca)},
			"namespaceSelector": map[string]any{"matchLabels": map[string]string{"kubernetes.io/metadata.name": namespace}},
			"rules": []any{map[string]any{"apiGroups": []string{"", "toys.example.com"}, "apiVersions": []string{"v1"},
				"operations": []string{"CREATE"}, "resources": []string{"configmaps", "robots"}}},
		}},
	}
	text, err := json.Marshal(hook)
	if err != nil {
		t.Fatal(err)
	}
	c.create("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", string(text))
	for path, object := range map[string]string{
		"/api/v1/namespaces/" + namespace + "/configmaps": `{"metadata":{"name":"refused"}}`,
		fmt.Sprintf(robotsPath, namespace):                robot("refused", ""),
	} {
		c.eventually("the webhook is asked for "+path, func() bool {
			err := c.try(path, object)
			return err != nil && strings.Contains(err.Error(), "the webhook says no")
		})
	}
	c.create("/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"let-in"}}`)
}

func TestOtherServersAreAggregated(t *testing.T) {
	c, namespace := sharedCluster(t)
	group := namespace + ".example.com"
	var user atomic.Value
	url, ca := other(t, func(w http.ResponseWriter, req *http.Request) {
		user.Store(req.Header.Get("X-Remote-User"))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"%s/v1","resources":[]}`, group)
	})
	port := url[strings.LastIndex(url, ":")+1:]
	c.create("/api/v1/namespaces/"+namespace+"/services", `{"metadata":{"name":"other"},"spec":{"type":"ExternalName","externalName":"localhost","ports":[{"port":`+port+`}]}}`)
	_ = ca // its name is not the service's
	c.create("/apis/apiregistration.k8s.io/v1/apiservices", fmt.Sprintf(`{"metadata":{"name":"v1.%[1]s"},"spec":{"group":%[1]q,"version":"v1",
		"groupPriorityMinimum":100,"versionPriority":1,"insecureSkipTLSVerify":true,"service":{"namespace":%q,"name":"other","port":%s}}}`, group, namespace, port))
	t.Cleanup(func() { // while it does not answer no namespace goes
		path := "/apis/apiregistration.k8s.io/v1/apiservices/v1." + group
		if err := c.CoreV1().RESTClient().Delete().AbsPath(path).Do(context.Background()).Error(); err != nil {
			t.Error(err)
		}
	})
	c.eventually("the other server answers", func() bool {
		body, err := c.CoreV1().RESTClient().Get().AbsPath("/apis/" + group + "/v1").DoRaw(t.Context())
		return err == nil && strings.Contains(string(body), group) && user.Load() == "kubernetes-admin"
	})
}

func TestObjectsAreAppliedWithTheirManagers(t *testing.T) {
	c, namespace := sharedCluster(t)
	apply := func(manager, data string) error {
		return c.CoreV1().RESTClient().Patch("application/apply-patch+yaml").AbsPath("/api/v1/namespaces/"+namespace+"/configmaps/a").
			Param("fieldManager", manager).Body([]byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"` + data + `"}}`)).
			Do(t.Context()).Error()
	}
	if err := apply("one", "1"); err != nil {
		t.Fatal(err)
	}
	if err := apply("two", "2"); !apierrors.IsConflict(err) {
		t.Errorf("a field of another manager: %v", err)
	}
}

func TestEventsAreNotCachedButWatched(t *testing.T) {
	c, namespace := sharedCluster(t)
	watcher, err := c.CoreV1().Events(namespace).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	c.create("/api/v1/namespaces/"+namespace+"/events", fmt.Sprintf(`{"metadata":{"name":"e"},"involvedObject":{"namespace":%q},"reason":"Test"}`, namespace))
	select {
	case e := <-watcher.ResultChan():
		if e.Type != "ADDED" {
			t.Errorf("%v", e)
		}
	case <-time.After(patience):
		t.Error("the event is not seen")
	}
}

func TestTheServerSaysHowItIsSet(t *testing.T) {
	c, _ := sharedCluster(t)
	for path, wanted := range map[string][]string{
		"/flagz":   {"service-cluster-ip-range", "enable-admission-plugins"},
		"/statusz": {"1.37.2"},
		"/metrics": {"\nkubernetes_build_info{", "\nkubernetes_feature_enabled{", "\nversion_info{", "\nrest_client_requests_total{"},
	} {
		text := c.get(path)
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, strings.TrimSpace(want))
			}
		}
	}
}
