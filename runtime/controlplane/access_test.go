package controlplane_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
)

// user returns a client certificate for a name, signed by the authority in dir or, with dir empty, by itself.
func user(t *testing.T, dir, name string) rest.TLSClientConfig {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, any(key)
	if dir != "" {
		ca, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"))
		if err != nil {
			t.Fatal(err)
		}
		parent, signer = ca.Leaf, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return rest.TLSClientConfig{
		CertData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		KeyData:  pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}),
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	dir := t.TempDir()
	server, admin := start(t, dir)
	admin.must("POST", robots, robot("a", ""))
	ca := server.RESTConfig().CAData
	as := func(id rest.TLSClientConfig) *client {
		id.CAData = ca
		return &client{t: t, url: server.URL(), http: httpsClient(t, &rest.Config{TLSClientConfig: id})}
	}

	nobody := as(rest.TLSClientConfig{})
	stranger := as(user(t, "", "joe"))
	for _, path := range []string{"/version", "/readyz", "/apis", "/metrics", robots, robots + "/a"} {
		nobody.refused(401, "Unauthorized", "GET", path, "")
		stranger.refused(401, "Unauthorized", "GET", path, "")
	}

	joe := as(user(t, filepath.Join(dir, "pki"), "joe"))
	for range 2 { // the second time the certificate is known
		joe.refused(403, `robots.toys.example.com "a" is forbidden: User "joe" cannot get resource "robots" in API group "toys.example.com" in the namespace "default"`, "GET", robots+"/a", "")
		joe.refused(403, `User "joe" cannot create resource "robots"`, "POST", robots, robot("b", ""))
		joe.refused(403, `User "joe" cannot get path "/metrics"`, "GET", "/metrics", "")
	}
	joe.refused(403, `User "joe" cannot impersonate`, "GET", robots, "", "Impersonate-User", "admin", "Impersonate-Group", "system:masters")
}

func TestTheKubeconfigWorks(t *testing.T) {
	dir := t.TempDir()
	start(t, dir)
	file := filepath.Join(dir, "pki", "kubeconfig")
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	robots := objects.Resource(toysv1.SchemeGroupVersion.WithResource("robots")).Namespace("default")
	one := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "toys.example.com/v1", "kind": "Robot", "metadata": map[string]any{"name": "a"},
	}}
	made, err := robots.Apply(ctx, "a", one, metav1.ApplyOptions{FieldManager: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if replicas, _, _ := unstructured.NestedInt64(made.Object, "spec", "replicas"); replicas != 1 {
		t.Errorf("defaults are not set: %v", made.Object)
	}
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		t.Errorf("kubeconfig: %v, %v", info, err)
	}
}
