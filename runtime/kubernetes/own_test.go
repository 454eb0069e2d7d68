package kubernetes_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
)

const robotsPath = "/apis/toys.example.com/v1/namespaces/%s/robots"

func robot(name, spec string) string {
	return fmt.Sprintf(`{"apiVersion":"toys.example.com/v1","kind":"Robot","metadata":{"name":%q},"spec":{%s}}`, name, spec)
}

// as returns clients of a user with a certificate of the cluster's authority.
func (c *cluster) as(name string, groups ...string) dynamic.Interface {
	c.t.Helper()
	clients, err := dynamic.NewForConfig(c.certificate(name, time.Now().Add(time.Hour), groups...))
	if err != nil {
		c.t.Fatal(err)
	}
	return clients
}

// certificate makes a configuration for a user whose certificate expires.
func (c *cluster) certificate(name string, expires time.Time, groups ...string) *rest.Config {
	c.t.Helper()
	ca, err := tls.LoadX509KeyPair(filepath.Join(c.dir, "pki", "ca.crt"), filepath.Join(c.dir, "pki", "ca.key"))
	if err != nil {
		c.t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name, Organization: groups},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: expires,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca.Leaf, &key.PublicKey, ca.PrivateKey)
	if err != nil {
		c.t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.config)
	config.CertData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	config.KeyData = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	return config
}

func TestOwnTypesAreDiscoveredBesideBuiltInOnes(t *testing.T) {
	c, _ := sharedCluster(t)
	_, lists, err := c.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, list := range lists {
		for _, r := range list.APIResources {
			found[list.GroupVersion+" "+r.Name] = true
		}
	}
	for _, want := range []string{
		"v1 nodes", "v1 pods/eviction", "apps/v1 deployments", "batch/v1 cronjobs", "rbac.authorization.k8s.io/v1 roles",
		"apiextensions.k8s.io/v1 customresourcedefinitions", "apiregistration.k8s.io/v1 apiservices",
		"admissionregistration.k8s.io/v1 validatingadmissionpolicies", "resource.k8s.io/v1 resourceclaims",
		"toys.example.com/v1 robots", "toys.example.com/v1 robots/status", "toys.example.com/v1 robots/scale",
	} {
		if !found[want] {
			t.Errorf("%s is not discovered", want)
		}
	}
	for path, want := range map[string]string{
		"/openapi/v3/apis/toys.example.com/v1": "v1.Robot",
		"/openapi/v3/api/v1":                   "io.k8s.api.core.v1.Pod",
		"/openapi/v2":                          "io.k8s.api.core.v1.Pod",
		"/openapi/v3":                          "/openapi/v3/apis/apps/v1?hash=",
		"/version":                             `"gitVersion": "v1.37.2"`,
	} {
		if got := c.get(path); !strings.Contains(got, want) {
			t.Errorf("%s has no %s", path, want)
		}
	}
	for range 20 { // of several servers that describe a path upstream shows any
		if got := c.get("/openapi/v3/version"); !strings.Contains(got, `"title":"Kubernetes"`) {
			t.Fatalf("/openapi/v3/version is not kube-apiserver's: %s", got)
		}
	}
}

func TestOwnTypesLiveInRealNamespaces(t *testing.T) {
	c, namespace := sharedCluster(t)
	if err := c.post(fmt.Sprintf(robotsPath, "nowhere"), robot("a", "")); !apierrors.IsNotFound(err) {
		t.Errorf("in a namespace that is not there: %v", err)
	}
	c.create(fmt.Sprintf(robotsPath, namespace), robot("a", ""))
	if err := c.CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.eventually("the namespace goes, with what is in it", func() bool {
		_, err := c.CoreV1().Namespaces().Get(t.Context(), namespace, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

func TestRolesHoldForOwnTypes(t *testing.T) {
	c, namespace := sharedCluster(t)
	robots := c.as("joe").Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace(namespace)
	if _, err := robots.List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("without a role: %v", err)
	}
	rbac := "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace
	c.create(rbac+"/roles", `{"metadata":{"name":"see"},"rules":[{"apiGroups":["toys.example.com"],"resources":["robots"],"verbs":["list"]}]}`)
	c.create(rbac+"/rolebindings", `{"metadata":{"name":"see"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"see"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"joe"}]}`)
	c.eventually("the role holds", func() bool {
		_, err := robots.List(t.Context(), metav1.ListOptions{})
		return err == nil
	})
	if err := robots.Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("what the role does not have: %v", err)
	}
}

func TestPoliciesHoldForOwnTypes(t *testing.T) {
	c, namespace := sharedCluster(t)
	admission := "/apis/admissionregistration.k8s.io/v1"
	c.create(admission+"/validatingadmissionpolicies", fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"matchConstraints":{"resourceRules":[
		{"apiGroups":["toys.example.com"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["robots"]}]},
		"validations":[{"expression":"object.metadata.name != 'bad'","message":"no bad robots"}]}}`, namespace))
	c.create(admission+"/validatingadmissionpolicybindings", fmt.Sprintf(`{"metadata":{"name":%[1]q},"spec":{"policyName":%[1]q,"validationActions":["Deny"],
		"matchResources":{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":%[1]q}}}}}`, namespace))
	c.eventually("the policy holds", func() bool {
		err := c.try(fmt.Sprintf(robotsPath, namespace), robot("bad", ""))
		return err != nil && strings.Contains(err.Error(), "no bad robots")
	})
	c.create(fmt.Sprintf(robotsPath, namespace), robot("good", ""))
}

func TestGarbageOfOwnTypesIsCollected(t *testing.T) {
	c, namespace := sharedCluster(t)
	c.create(fmt.Sprintf(robotsPath, namespace), robot("owner", ""))
	robots := c.objects.Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace(namespace)
	owner, err := robots.Get(t.Context(), "owner", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.create("/api/v1/namespaces/"+namespace+"/configmaps", fmt.Sprintf(
		`{"metadata":{"name":"owned","ownerReferences":[{"apiVersion":"toys.example.com/v1","kind":"Robot","name":"owner","uid":%q,"blockOwnerDeletion":true}]}}`, owner.GetUID()))
	foreground := metav1.DeletePropagationForeground
	if err := robots.Delete(t.Context(), "owner", metav1.DeleteOptions{PropagationPolicy: &foreground}); err != nil {
		t.Fatal(err)
	}
	c.eventually("what was owned goes, then the owner", func() bool {
		_, err := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), "owned", metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return false
		}
		_, err = robots.Get(t.Context(), "owner", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}
