package metrics

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// window is how long a usage is said to have been measured. It is what kubelets' summaries have.
const window = 10 * time.Second

// Source is where usages are from. It is asked by several goroutines.
type Source interface {
	// Nodes are those whose usage is known.
	Nodes() []*corev1.Node
	// Node is one of them, nil if there is none of the name.
	Node(name string) *corev1.Node
	// Pods are those that run on a node, or on all of them if it is empty.
	Pods(node string) []*corev1.Pod
	// Pod is one of them, nil if it does not run.
	Pod(namespace, name string) *corev1.Pod
	// Usage is what a container of a pod uses now.
	Usage(pod *corev1.Pod, container *corev1.Container) corev1.ResourceList
}

// Group returns the API group.
func Group(source Source) apiserver.Group {
	return apiserver.Group{
		Install: install,
		NewRESTStorage: func(scheme *runtime.Scheme, _ generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
			info := genericapiserver.NewDefaultAPIGroupInfo(v1beta1.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))
			info.VersionedResourcesStorageMap[v1beta1.SchemeGroupVersion.Version] = map[string]rest.Storage{
				"nodes": nodes(source),
				"pods":  pods(source),
			}
			return info, nil
		},
	}
}

func install(scheme *runtime.Scheme) {
	// What fails here is a mistake in this package, which every test of a server with simulated nodes sees.
	for _, err := range []error{v1beta1.AddToScheme(scheme), scheme.SetVersionPriority(v1beta1.SchemeGroupVersion)} {
		if err != nil {
			panic(err)
		}
	}
}

// measured is the metadata of a usage of an object, and when it was measured.
func measured(of metav1.ObjectMeta) (metav1.ObjectMeta, metav1.Time, metav1.Duration) {
	now := metav1.Now()
	return metav1.ObjectMeta{Name: of.Name, Namespace: of.Namespace, Labels: of.Labels, CreationTimestamp: now}, now, metav1.Duration{Duration: window}
}

// add adds a usage to another.
func add(to, usage corev1.ResourceList) {
	for name, quantity := range usage {
		sum := to[name]
		sum.Add(quantity)
		to[name] = sum
	}
}

// storage implements rest.Storage of usages, which can be read and nothing else.
type storage struct {
	rest.TableConvertor
	singular   string
	namespaced bool
	object     func() runtime.Object
	list       func() runtime.Object
	// get returns the usage of one, nil if there is none.
	get func(namespace, name string) runtime.Object
	// each calls do for all of a namespace, or of all.
	each func(namespace string, do func(of metav1.Object, usage func() runtime.Object))
}

var (
	_ rest.Lister               = storage{}
	_ rest.Getter               = storage{}
	_ rest.Scoper               = storage{}
	_ rest.SingularNameProvider = storage{}
)

// New implements rest.Storage.
func (s storage) New() runtime.Object { return s.object() }

// NewList implements rest.Lister.
func (s storage) NewList() runtime.Object { return s.list() }

// Destroy implements rest.Storage.
func (storage) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (s storage) NamespaceScoped() bool { return s.namespaced }

// GetSingularName implements rest.SingularNameProvider.
func (s storage) GetSingularName() string { return s.singular }

// Get implements rest.Getter.
func (s storage) Get(ctx context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	if usage := s.get(genericapirequest.NamespaceValue(ctx), name); usage != nil {
		return usage, nil
	}
	return nil, apierrors.NewNotFound(v1beta1.Resource(s.singular+"s"), name)
}

// List implements rest.Lister.
func (s storage) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	list, chosen := s.list(), selector(options)
	var items []runtime.Object
	s.each(genericapirequest.NamespaceValue(ctx), func(of metav1.Object, usage func() runtime.Object) {
		if chosen(of) {
			items = append(items, usage())
		}
	})
	return list, meta.SetList(list, items)
}

// pods are the usages of pods.
func pods(source Source) storage {
	usage := func(pod *corev1.Pod) runtime.Object {
		u := &v1beta1.PodMetrics{Containers: []v1beta1.ContainerMetrics{}}
		u.ObjectMeta, u.Timestamp, u.Window = measured(pod.ObjectMeta)
		for i := range pod.Spec.Containers {
			container := &pod.Spec.Containers[i]
			u.Containers = append(u.Containers, v1beta1.ContainerMetrics{Name: container.Name, Usage: source.Usage(pod, container)})
		}
		return u
	}
	return storage{
		TableConvertor: rest.NewDefaultTableConvertor(v1beta1.Resource("pods")), singular: "pod", namespaced: true,
		object: func() runtime.Object { return &v1beta1.PodMetrics{} },
		list:   func() runtime.Object { return &v1beta1.PodMetricsList{} },
		get: func(namespace, name string) runtime.Object {
			if pod := source.Pod(namespace, name); pod != nil {
				return usage(pod)
			}
			return nil
		},
		each: func(namespace string, do func(metav1.Object, func() runtime.Object)) {
			for _, pod := range source.Pods("") {
				if namespace == metav1.NamespaceAll || pod.Namespace == namespace {
					do(pod, func() runtime.Object { return usage(pod) })
				}
			}
		},
	}
}

// nodes are the usages of nodes, which are those of their pods together.
func nodes(source Source) storage {
	usage := func(node *corev1.Node) runtime.Object {
		u := &v1beta1.NodeMetrics{Usage: corev1.ResourceList{corev1.ResourceCPU: {}, corev1.ResourceMemory: {}}}
		u.ObjectMeta, u.Timestamp, u.Window = measured(node.ObjectMeta)
		for _, pod := range source.Pods(node.Name) {
			for i := range pod.Spec.Containers {
				add(u.Usage, source.Usage(pod, &pod.Spec.Containers[i]))
			}
		}
		return u
	}
	return storage{
		TableConvertor: rest.NewDefaultTableConvertor(v1beta1.Resource("nodes")), singular: "node",
		object: func() runtime.Object { return &v1beta1.NodeMetrics{} },
		list:   func() runtime.Object { return &v1beta1.NodeMetricsList{} },
		get: func(_, name string) runtime.Object {
			if node := source.Node(name); node != nil {
				return usage(node)
			}
			return nil
		},
		each: func(_ string, do func(metav1.Object, func() runtime.Object)) {
			for _, node := range source.Nodes() {
				do(node, func() runtime.Object { return usage(node) })
			}
		},
	}
}
