package departures

import (
	"context"
	"fmt"
	"path"

	etcdclient "go.etcd.io/etcd/client/v3/kubernetes"
	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	flowcontrol "k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	scheduling "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/pkg/controlplane/controller/defaultservicecidr"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

const (
	// apiServerManager is who upstream's hooks are as a manager of fields, by the server's user agent.
	apiServerManager = "kube-apiserver"
	// flowcontrolManager is a name of upstream's: k8s.io/kubernetes/pkg/registry/flowcontrol/ensurer/strategy.go:35.
	flowcontrolManager = "api-priority-and-fairness-config-producer-v1"
)

// Bootstrap writes what a new cluster starts with into its store: roles, namespaces, priority classes, flow schemas, the
// service range. Upstream's post start hooks see to the same objects, and later to those of a newer version, but by
// requests, and the first of them after a second (k8s.io/kubernetes/pkg/registry/rbac/rest/storage_rbac.go:166,
// k8s.io/kubernetes/pkg/registry/scheduling/rest/storage_scheduling.go:176); see Hooks. Both together save 1.3 s.
type Bootstrap struct {
	Client etcdclient.Interface
	// Storage says how resources are stored.
	Storage generic.RESTOptionsGetter
	// Namespaces are those of the system.
	Namespaces []string
	// ServiceRanges are the CIDRs of services' addresses, one or two.
	ServiceRanges []string
	// RBAC says whether roles mean anything here.
	RBAC bool
}

// Write creates what is missing. In a store with the system's namespaces it does nothing, and says so.
func (b *Bootstrap) Write(ctx context.Context) (isNew bool, err error) {
	seed := &seed{client: b.Client, scheme: legacyscheme.Scheme}
	namespaces, err := b.namespaces()
	if err != nil {
		return false, err
	}
	// The namespaces come last: a start that did not get so far begins anew the next time.
	last := path.Join("/", namespaces.options.StorageConfig.Prefix, namespaces.options.ResourcePrefix, metav1.NamespaceSystem)
	if isNew, err = seed.isNew(ctx, last); err != nil || !isNew {
		return false, err
	}
	resources, err := b.resources()
	if err != nil {
		return false, err
	}
	var objects []runtime.Object
	for _, r := range append(resources, namespaces) {
		objects = append(objects, r.objects[0])
	}
	if seed.types, err = newTypes(legacyscheme.Scheme, generatedopenapi.GetOpenAPIDefinitions, objects...); err != nil {
		return false, err
	}
	for _, r := range resources {
		seed.write(ctx, r)
	}
	if err := seed.wait(); err != nil {
		return false, err
	}
	seed.write(ctx, namespaces)
	return true, seed.wait()
}

func (b *Bootstrap) namespaces() (seeded, error) {
	var all []runtime.Object
	for _, name := range b.Namespaces {
		all = append(all, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	return newSeeded(b.Storage, corev1.SchemeGroupVersion.WithKind("Namespace"), "namespaces", namespace.Strategy, apiServerManager, all)
}

// resources are all but the namespaces.
func (b *Bootstrap) resources() ([]seeded, error) {
	var all []seeded
	var failed error
	add := func(version schema.GroupVersion, kind, resource string, strategy rest.RESTCreateStrategy, manager string, objects []runtime.Object) {
		r, err := newSeeded(b.Storage, version.WithKind(kind), resource, strategy, manager, objects)
		if err != nil && failed == nil {
			failed = err
		}
		all = append(all, r)
	}
	add(networkingv1.SchemeGroupVersion, "ServiceCIDR", "servicecidrs", servicecidr.Strategy, apiServerManager, []runtime.Object{&networkingv1.ServiceCIDR{
		ObjectMeta: metav1.ObjectMeta{Name: defaultservicecidr.DefaultServiceCIDRName},
		Spec:       networkingv1.ServiceCIDRSpec{CIDRs: b.ServiceRanges},
	}})
	add(schedulingv1.SchemeGroupVersion, "PriorityClass", "priorityclasses", priorityclass.Strategy, apiServerManager, asObjects(scheduling.SystemPriorityClasses()))
	add(flowcontrolv1.SchemeGroupVersion, "PriorityLevelConfiguration", "prioritylevelconfigurations", prioritylevelconfiguration.Strategy, flowcontrolManager,
		append(asObjects(flowcontrol.MandatoryPriorityLevelConfigurations), asObjects(flowcontrol.SuggestedPriorityLevelConfigurations)...))
	add(flowcontrolv1.SchemeGroupVersion, "FlowSchema", "flowschemas", flowschema.Strategy, flowcontrolManager,
		append(asObjects(flowcontrol.MandatoryFlowSchemas), asObjects(flowcontrol.SuggestedFlowSchemas)...))
	if !b.RBAC {
		return all, failed
	}
	var roles, bindings []runtime.Object
	for _, own := range bootstrappolicy.NamespaceRoles() {
		roles = append(roles, pointers(own)...)
	}
	for _, own := range bootstrappolicy.NamespaceRoleBindings() {
		bindings = append(bindings, pointers(own)...)
	}
	v1 := rbacv1.SchemeGroupVersion
	add(v1, "ClusterRole", "clusterroles", clusterrole.Strategy, apiServerManager,
		pointers(append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...)))
	add(v1, "ClusterRoleBinding", "clusterrolebindings", clusterrolebinding.Strategy, apiServerManager,
		pointers(append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...)))
	add(v1, "Role", "roles", role.Strategy, apiServerManager, roles)
	add(v1, "RoleBinding", "rolebindings", rolebinding.Strategy, apiServerManager, bindings)
	return all, failed
}

func newSeeded(storage generic.RESTOptionsGetter, kind schema.GroupVersionKind, resource string, strategy rest.RESTCreateStrategy, manager string, objects []runtime.Object) (seeded, error) {
	options, err := storage.GetRESTOptions(schema.GroupResource{Group: kind.Group, Resource: resource}, nil)
	if err != nil {
		return seeded{}, fmt.Errorf("storage of %s: %w", resource, err)
	}
	return seeded{options: options, strategy: strategy, kind: kind, manager: manager, objects: objects}, nil
}

func asObjects[T runtime.Object](all []T) []runtime.Object {
	objects := make([]runtime.Object, 0, len(all))
	for _, one := range all {
		objects = append(objects, one)
	}
	return objects
}

func pointers[T any, P interface {
	*T
	runtime.Object
}](all []T) []runtime.Object {
	objects := make([]runtime.Object, 0, len(all))
	for i := range all {
		objects = append(objects, P(&all[i]))
	}
	return objects
}
