package metrics

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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
				"nodes": nodes{table("nodes"), source},
				"pods":  pods{table("pods"), source},
			}
			return info, nil
		},
	}
}

func table(resource string) rest.TableConvertor {
	return rest.NewDefaultTableConvertor(v1beta1.Resource(resource))
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

// pods implements rest.Storage of the usages of pods.
type pods struct {
	rest.TableConvertor
	source Source
}

var (
	_ rest.Lister               = pods{}
	_ rest.Getter               = pods{}
	_ rest.Scoper               = pods{}
	_ rest.SingularNameProvider = pods{}
)

// New implements rest.Storage.
func (pods) New() runtime.Object { return &v1beta1.PodMetrics{} }

// NewList implements rest.Lister.
func (pods) NewList() runtime.Object { return &v1beta1.PodMetricsList{} }

// Destroy implements rest.Storage.
func (pods) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (pods) NamespaceScoped() bool { return true }

// GetSingularName implements rest.SingularNameProvider.
func (pods) GetSingularName() string { return "pod" }

// Get implements rest.Getter.
func (s pods) Get(ctx context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	if pod := s.source.Pod(genericapirequest.NamespaceValue(ctx), name); pod != nil {
		usage := s.usage(pod)
		return &usage, nil
	}
	return nil, apierrors.NewNotFound(v1beta1.Resource("pods"), name)
}

// List implements rest.Lister.
func (s pods) List(ctx context.Context, options *listOptions) (runtime.Object, error) {
	namespace, chosen := genericapirequest.NamespaceValue(ctx), selector(options)
	list := &v1beta1.PodMetricsList{Items: []v1beta1.PodMetrics{}}
	for _, pod := range s.source.Pods("") {
		if (namespace == metav1.NamespaceAll || pod.Namespace == namespace) && chosen(pod) {
			list.Items = append(list.Items, s.usage(pod))
		}
	}
	return list, nil
}

func (s pods) usage(pod *corev1.Pod) v1beta1.PodMetrics {
	var usage v1beta1.PodMetrics
	usage.ObjectMeta, usage.Timestamp, usage.Window = measured(pod.ObjectMeta)
	usage.Containers = []v1beta1.ContainerMetrics{}
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		usage.Containers = append(usage.Containers, v1beta1.ContainerMetrics{Name: container.Name, Usage: s.source.Usage(pod, container)})
	}
	return usage
}

// nodes implements rest.Storage of the usages of nodes, which are those of their pods together.
type nodes struct {
	rest.TableConvertor
	source Source
}

var (
	_ rest.Lister               = nodes{}
	_ rest.Getter               = nodes{}
	_ rest.Scoper               = nodes{}
	_ rest.SingularNameProvider = nodes{}
)

// New implements rest.Storage.
func (nodes) New() runtime.Object { return &v1beta1.NodeMetrics{} }

// NewList implements rest.Lister.
func (nodes) NewList() runtime.Object { return &v1beta1.NodeMetricsList{} }

// Destroy implements rest.Storage.
func (nodes) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (nodes) NamespaceScoped() bool { return false }

// GetSingularName implements rest.SingularNameProvider.
func (nodes) GetSingularName() string { return "node" }

// Get implements rest.Getter.
func (s nodes) Get(_ context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	for _, node := range s.source.Nodes() {
		if node.Name == name {
			usage := s.usage(node)
			return &usage, nil
		}
	}
	return nil, apierrors.NewNotFound(v1beta1.Resource("nodes"), name)
}

// List implements rest.Lister.
func (s nodes) List(_ context.Context, options *listOptions) (runtime.Object, error) {
	chosen := selector(options)
	list := &v1beta1.NodeMetricsList{Items: []v1beta1.NodeMetrics{}}
	for _, node := range s.source.Nodes() {
		if chosen(node) {
			list.Items = append(list.Items, s.usage(node))
		}
	}
	return list, nil
}

func (s nodes) usage(node *corev1.Node) v1beta1.NodeMetrics {
	var usage v1beta1.NodeMetrics
	usage.ObjectMeta, usage.Timestamp, usage.Window = measured(node.ObjectMeta)
	usage.Usage = corev1.ResourceList{corev1.ResourceCPU: {}, corev1.ResourceMemory: {}}
	for _, pod := range s.source.Pods(node.Name) {
		for i := range pod.Spec.Containers {
			add(usage.Usage, s.source.Usage(pod, &pod.Spec.Containers[i]))
		}
	}
	return usage
}
