package departures

import (
	"context"
	"fmt"
	"path"
	"sync"

	etcdclient "go.etcd.io/etcd/client/v3/kubernetes"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/endpoints/openapi"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/kube-openapi/pkg/builder3"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/util"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// seed writes objects of a new cluster into its store, as the API server would store them if it were asked to create
// them: with defaults, system metadata, managed fields, validated, encoded. What it leaves out are the requests, of
// which a first start has some 200.
type seed struct {
	client etcdclient.Interface
	scheme *runtime.Scheme
	types  managedfields.TypeConverter

	mu      sync.Mutex
	err     error
	pending sync.WaitGroup
}

// seeded is a resource and what there is of it at first.
type seeded struct {
	options  generic.RESTOptions
	strategy rest.RESTCreateStrategy
	kind     schema.GroupVersionKind
	manager  string
	objects  []runtime.Object
}

// newTypes returns what managed fields of the types of objects are computed by.
func newTypes(scheme *runtime.Scheme, definitions openapicommon.GetOpenAPIDefinitions, objects ...runtime.Object) (managedfields.TypeConverter, error) {
	config := genericapiserver.DefaultOpenAPIV3Config(definitions, openapi.NewDefinitionNamer(scheme))
	names := make([]string, 0, len(objects))
	for _, object := range objects {
		names = append(names, util.GetCanonicalTypeName(object))
	}
	schemas, err := builder3.BuildOpenAPIDefinitionsForResources(config, names...)
	if err != nil {
		return nil, err
	}
	return managedfields.NewTypeConverter(schemas, false)
}

// write begins to write the objects of a resource. Those that are there stay.
func (s *seed) write(ctx context.Context, r seeded) {
	for _, object := range r.objects {
		s.pending.Go(func() {
			if err := s.writeOne(ctx, r, object); err != nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.err == nil {
					s.err = fmt.Errorf("first objects of a new cluster: %s: %w", r.kind.Kind, err)
				}
			}
		})
	}
}

// wait returns when what was begun has been written, with the first error.
func (s *seed) wait() error {
	s.pending.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *seed) writeOne(ctx context.Context, r seeded, external runtime.Object) error {
	internal, err := s.create(ctx, r, external)
	if err != nil {
		return err
	}
	accessor, err := meta.Accessor(internal)
	if err != nil {
		return err
	}
	key := path.Join("/", r.options.StorageConfig.Prefix, r.options.ResourcePrefix, accessor.GetNamespace(), accessor.GetName())
	data, err := runtime.Encode(r.options.StorageConfig.Codec, internal)
	if err != nil {
		return err
	}
	if transformer := r.options.StorageConfig.Transformer; transformer != nil {
		if data, err = transformer.TransformToStorage(ctx, data, value.DefaultContext(key)); err != nil {
			return err
		}
	}
	_, err = s.client.OptimisticPut(ctx, key, data, 0, etcdclient.PutOptions{})
	return err
}

// create does what the create handler and the registry do (k8s.io/apiserver/pkg/endpoints/handlers/create.go:53,
// k8s.io/apiserver/pkg/registry/generic/registry/store.go:545), but for admission, which has nothing to say of these.
func (s *seed) create(ctx context.Context, r seeded, external runtime.Object) (runtime.Object, error) {
	accessor, err := meta.Accessor(external)
	if err != nil {
		return nil, err
	}
	ctx = genericapirequest.WithNamespace(ctx, accessor.GetNamespace())
	gr := r.options.StorageConfig.GroupResource
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: gr.Group, APIVersion: r.kind.Version, Resource: gr.Resource,
		Namespace: accessor.GetNamespace(), Name: accessor.GetName(),
	})
	external = external.DeepCopyObject()
	s.scheme.Default(external)
	hub := schema.GroupVersion{Group: r.kind.Group, Version: runtime.APIVersionInternal}
	object, err := s.scheme.ConvertToVersion(external, hub)
	if err != nil {
		return nil, err
	}
	if object, err = s.manage(r, hub, object); err != nil {
		return nil, err
	}
	if accessor, err = meta.Accessor(object); err != nil {
		return nil, err
	}
	rest.FillObjectMetaSystemFields(accessor)
	if err := rest.BeforeCreate(r.strategy, ctx, object); err != nil {
		return nil, err
	}
	return object, nil
}

// manage records who has set the fields of a new object.
func (s *seed) manage(r seeded, hub schema.GroupVersion, object runtime.Object) (runtime.Object, error) {
	var reset map[fieldpath.APIVersion]fieldpath.Filter
	if resets, ok := r.strategy.(rest.ResetFieldsStrategy); ok {
		reset = fieldpath.NewExcludeFilterSetMap(resets.GetResetFields())
	}
	manager, err := managedfields.NewDefaultFieldManager(s.types, s.scheme, s.scheme, s.scheme, r.kind, hub, "", reset)
	if err != nil {
		return nil, err
	}
	nothing, err := s.scheme.New(hub.WithKind(r.kind.Kind))
	if err != nil {
		return nil, err
	}
	return manager.Update(nothing, object, r.manager)
}

// isNew says whether a store has nothing yet at the key that is written last.
func (s *seed) isNew(ctx context.Context, key string) (bool, error) {
	response, err := s.client.Get(ctx, key, etcdclient.GetOptions{})
	return err == nil && response.KV == nil, err
}
