package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	admissionapply "k8s.io/client-go/applyconfigurations/admissionregistration/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// defaulter describes Bars that have no description.
type defaulter struct{}

// Default implements admission.Defaulter.
func (defaulter) Default(_ context.Context, bar *unstructured.Unstructured) error {
	if description, _, _ := unstructured.NestedString(bar.Object, "spec", "description"); description != "" {
		return nil
	}
	return unstructured.SetNestedField(bar.Object, "by default", "spec", "description")
}

// validator refuses what is called forbidden.
type validator struct{}

var _ admission.Validator[*unstructured.Unstructured] = validator{}

// ValidateCreate implements admission.Validator.
func (validator) ValidateCreate(_ context.Context, bar *unstructured.Unstructured) (admission.Warnings, error) {
	if description, _, _ := unstructured.NestedString(bar.Object, "spec", "description"); description == "forbidden" {
		return nil, errors.New("the manager forbids it")
	}
	return admission.Warnings{"the manager has seen it"}, nil
}

// ValidateUpdate implements admission.Validator.
func (v validator) ValidateUpdate(ctx context.Context, _, bar *unstructured.Unstructured) (admission.Warnings, error) {
	return v.ValidateCreate(ctx, bar)
}

// ValidateDelete implements admission.Validator.
func (validator) ValidateDelete(context.Context, *unstructured.Unstructured) (admission.Warnings, error) {
	return nil, nil
}

// registration is how the API server finds the webhooks.
type registration struct {
	namespace string
	group     string // of Bars
	url       string
	ca        []byte // PEM
}

// addWebhooks serves the webhooks and, once it leads, tells the API server where.
func addWebhooks(m ctrl.Manager, r registration) error {
	server := m.GetWebhookServer()
	server.Register("/mutate", admission.WithDefaulter[*unstructured.Unstructured](m.GetScheme(), defaulter{}))
	server.Register("/validate", admission.WithValidator[*unstructured.Unstructured](m.GetScheme(), validator{}))
	return m.Add(manager.RunnableFunc(func(ctx context.Context) error { return r.apply(ctx, m.GetClient()) }))
}

func (r registration) apply(ctx context.Context, c client.Client) error {
	name := r.namespace
	selector := metaapply.LabelSelector().WithMatchLabels(map[string]string{"kubernetes.io/metadata.name": r.namespace})
	rule := admissionapply.RuleWithOperations().WithAPIGroups(r.group).WithAPIVersions("v1").WithResources("bars").
		WithOperations(admissionv1.Create, admissionv1.Update)
	at := func(path string) *admissionapply.WebhookClientConfigApplyConfiguration {
		return admissionapply.WebhookClientConfig().WithURL(r.url + path).WithCABundle(r.ca...)
	}
	mutating := admissionapply.MutatingWebhookConfiguration(name).WithWebhooks(admissionapply.MutatingWebhook().
		WithName("default.example.com").WithClientConfig(at("/mutate")).WithRules(rule).WithNamespaceSelector(selector).
		WithSideEffects(admissionv1.SideEffectClassNone).WithAdmissionReviewVersions("v1"))
	validating := admissionapply.ValidatingWebhookConfiguration(name).WithWebhooks(admissionapply.ValidatingWebhook().
		WithName("validate.example.com").WithClientConfig(at("/validate")).WithRules(rule).WithNamespaceSelector(selector).
		WithSideEffects(admissionv1.SideEffectClassNone).WithAdmissionReviewVersions("v1"))
	owner := client.FieldOwner("manager")
	return errors.Join(c.Apply(ctx, mutating, owner, client.ForceOwnership), c.Apply(ctx, validating, owner, client.ForceOwnership))
}

// newServingCert makes a certificate for the loopback address, which is its own authority.
func newServingCert() (options []func(*tls.Config), ca []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "manager"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	cert := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	set := func(c *tls.Config) {
		c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	return []func(*tls.Config){set}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
