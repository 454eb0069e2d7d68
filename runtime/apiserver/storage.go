package apiserver

import (
	"path"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/generic"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/value"
	flowcontrolrequest "k8s.io/apiserver/pkg/util/flowcontrol/request"
)

// keyPrefix is where objects lie in the store: the prefix that kube-apiserver's --etcd-prefix defaults to.
const keyPrefix = "/registry"

// restOptions puts every resource into the one store.
type restOptions struct {
	scheme            *runtime.Scheme
	codecs            serializer.CodecFactory
	decorator         generic.StorageDecorator
	uncached          generic.StorageDecorator
	garbageCollection bool
	counts            flowcontrolrequest.StorageObjectCountTracker
	// transformers encrypt what is stored; nil leaves it as it is.
	transformers value.ResourceTransformers
}

func newRESTOptions(generic *genericapiserver.Config, o Options, scheme *runtime.Scheme, codecs serializer.CodecFactory) *restOptions {
	return &restOptions{
		scheme:            scheme,
		codecs:            codecs,
		decorator:         o.Storage.Decorator(),
		uncached:          o.Storage.UncachedDecorator(),
		garbageCollection: o.GarbageCollection,
		counts:            generic.StorageObjectCountTracker,
		transformers:      generic.ResourceTransformers,
	}
}

// GetRESTOptions names no storage version: a resource's own storage does, with registry.StorageVersion. One that does
// not is stored in its group's preferred version.
func (o *restOptions) GetRESTOptions(resource schema.GroupResource, _ runtime.Object) (generic.RESTOptions, error) {
	config := storagebackend.NewDefaultConfig(keyPrefix, o.codecs.LegacyCodec(o.scheme.PrioritizedVersionsForGroup(resource.Group)...))
	return o.options(resource, config.ForResource(resource)), nil
}

// options puts a resource into the store, in the folder of its group.
func (o *restOptions) options(resource schema.GroupResource, config *storagebackend.ConfigForResource) generic.RESTOptions {
	if o.transformers != nil {
		config.Transformer = o.transformers.TransformerForResource(resource)
	}
	return generic.RESTOptions{
		StorageConfig:             config,
		Decorator:                 o.decorator,
		EnableGarbageCollection:   o.garbageCollection,
		DeleteCollectionWorkers:   1,
		ResourcePrefix:            path.Join(resource.Group, resource.Resource),
		CountMetricPollPeriod:     config.CountMetricPollPeriod,
		StorageObjectCountTracker: o.counts,
	}
}
