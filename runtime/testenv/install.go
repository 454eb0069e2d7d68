package testenv

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	// servedLimit is how long definitions may take until they are served, which is a second at most.
	servedLimit    = 30 * time.Second
	servedInterval = 10 * time.Millisecond
)

// installer creates manifests.
type installer struct {
	objects   dynamic.Interface
	discovery discovery.DiscoveryInterface
}

func newInstaller(config *rest.Config) (*installer, error) {
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	resources, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &installer{objects, resources}, nil
}

// install creates definitions and webhook configurations, and returns when the definitions are served.
func (i *installer) install(ctx context.Context, definitions, configurations []manifest) error {
	ctx, cancel := context.WithTimeout(ctx, servedLimit)
	defer cancel()
	for _, m := range definitions {
		if err := i.create(ctx, m, "customresourcedefinitions"); err != nil {
			return err
		}
	}
	for _, m := range definitions {
		if err := i.waitServed(ctx, m); err != nil {
			return err
		}
	}
	for _, m := range configurations {
		resource := "validatingwebhookconfigurations"
		if m.GetKind() == "MutatingWebhookConfiguration" {
			resource = "mutatingwebhookconfigurations"
		}
		if err := i.create(ctx, m, resource); err != nil {
			return err
		}
	}
	return nil
}

func (i *installer) create(ctx context.Context, m manifest, resource string) error {
	_, err := i.objects.Resource(m.GroupVersionKind().GroupVersion().WithResource(resource)).Create(ctx, &m.Unstructured, metav1.CreateOptions{})
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("%s: the server has no %s of %s: kubernetes.All() serves them", m.at, resource, m.GetAPIVersion())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.at, err)
	}
	return nil
}

// waitServed returns when all served versions of a definition are discovered, or its names are another's.
func (i *installer) waitServed(ctx context.Context, m manifest) error {
	definitions := i.objects.Resource(m.GroupVersionKind().GroupVersion().WithResource("customresourcedefinitions"))
	for {
		now, err := definitions.Get(ctx, m.GetName(), metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("%s: %w", m.at, err)
		}
		served, refused := condition(now, "Established"), condition(now, "NamesAccepted")
		if refused.status == "False" {
			return fmt.Errorf("%s: %s is not served: %s", m.at, m.GetName(), refused.message)
		}
		if served.status == "True" && i.discovered(now) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %s is not served within %v", m.at, m.GetName(), servedLimit)
		case <-time.After(servedInterval):
		}
	}
}

// discovered says whether a definition's resource is in the discovery of each version that it serves.
func (i *installer) discovered(definition *unstructured.Unstructured) bool {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	plural, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "plural")
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, version := range versions {
		of, _ := version.(map[string]any)
		if served, _ := of["served"].(bool); !served {
			continue
		}
		name, _ := of["name"].(string)
		list, err := i.discovery.ServerResourcesForGroupVersion(schema.GroupVersion{Group: group, Version: name}.String())
		if err != nil || !slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Name == plural }) {
			return false
		}
	}
	return true
}

type conditionValue struct{ status, message string }

func condition(object *unstructured.Unstructured, kind string) conditionValue {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		of, _ := c.(map[string]any)
		if of["type"] == kind {
			status, _ := of["status"].(string)
			message, _ := of["message"].(string)
			return conditionValue{status, message}
		}
	}
	return conditionValue{}
}
