package kubelet

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/record"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

// players returns one for each kind that there are stages of.
func (c component) players(config *rest.Config, client kubernetes.Interface, f *fleet, recorder record.EventRecorder) ([]*player, error) {
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	var all []*player
	for kind, of := range c.simulated.stages {
		p := &player{
			name:      strings.ToLower(kind.Kind),
			where:     map[*lifecycle.Stage]string{},
			functions: f.functions,
			apply:     applier(dynamicClient, mapper),
			recorder:  recorder,
		}
		for _, stage := range of {
			p.stages = append(p.stages, stage.Stage)
			p.where[stage.Stage] = stage.where
		}
		w := untyped{config: config, client: client, dynamic: dynamicClient}
		switch kind {
		case corev1.SchemeGroupVersion.WithKind("Node"):
			w.resource = corev1.SchemeGroupVersion.WithResource("nodes")
			p.informer, p.manages, p.writer = f.nodes, f.managesNode, nodeWriter{w}
		case corev1.SchemeGroupVersion.WithKind("Pod"):
			w.resource = corev1.SchemeGroupVersion.WithResource("pods")
			p.informer, p.manages, p.writer, p.gone = f.pods, f.managesPod, podWriter{w}, f.releasePod
			p.refuse = func(ctx context.Context, o object) (object, error) {
				refused, err := f.refuse(ctx, o.(*corev1.Pod), recorder)
				if refused == nil || err != nil {
					return nil, err
				}
				return refused, nil
			}
			f.played = p
		default:
			p.manages = func(object) bool { return true }
			p.find = func() error {
				mapping, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
				if err != nil {
					mapper.Reset()
					return err
				}
				w.resource = mapping.Resource
				p.informer = dynamicinformer.NewFilteredDynamicInformer(dynamicClient, w.resource, "", 0, nil, nil).Informer()
				p.writer = w
				return nil
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// noFunctions are those that templates may call, without anything behind them.
func noFunctions() gotpl.FuncMap {
	return (&fleet{}).functions(func() object { return nil })
}

// functions are those that kwok gives templates, and KubernetesVersion.
func (f *fleet) functions(current func() object) gotpl.FuncMap {
	return gotpl.FuncMap{
		"KubernetesVersion": func() string { return apiserver.KubernetesVersion },
		"NodeName":          func() string { return nodeName(current()) },
		"NodePort":          func() int { return kubeletPort },
		"NodeIP":            func() string { return f.nodeIPs(nodeName(current()))[0] },
		"NodeIPWith":        func(node string) string { return f.nodeIPs(node)[0] },
		"NodeIPsWith":       f.nodeIPs,
		"PodIP":             func() string { return f.podIPs(current())[0] },
		"PodIPWith": func(string, bool, string, string, string) string {
			return f.podIPs(current())[0]
		},
		"PodIPsWith": func(string, bool, string, string, string) []string { return f.podIPs(current()) },
	}
}

// nodeName is the name of the node that an object is or is on.
func nodeName(o object) string {
	switch o := o.(type) {
	case *corev1.Node:
		return o.Name
	case *corev1.Pod:
		return o.Spec.NodeName
	}
	return ""
}
