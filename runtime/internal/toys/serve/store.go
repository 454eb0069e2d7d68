package serve

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubecraft/kubecraft/runtime/internal/toys"
	toysv1 "github.com/kubecraft/kubecraft/runtime/internal/toys/v1"
	"github.com/kubecraft/kubecraft/runtime/registry"
)

type storage struct {
	robot  *robotREST
	status *statusREST
	scale  *registry.ScaleREST
}

func newStorage(scheme *runtime.Scheme, getter generic.RESTOptionsGetter) (*storage, error) {
	s := newStrategy(scheme)
	store := &genericregistry.Store{
		NewFunc:                   func() runtime.Object { return &toys.Robot{} },
		NewListFunc:               func() runtime.Object { return &toys.RobotList{} },
		PredicateFunc:             match,
		DefaultQualifiedResource:  toys.Resource("robots"),
		SingularQualifiedResource: toys.Resource("robot"),
		CreateStrategy:            s,
		UpdateStrategy:            s,
		DeleteStrategy:            s,
		ResetFieldsStrategy:       s,
		TableConvertor: registry.NewTableConvertor(scheme, toys.Resource("robots"), map[schema.GroupVersion][]registry.Column{
			toysv1.SchemeGroupVersion: {
				{Name: "Replicas", Type: "integer", JSONPath: ".spec.replicas"},
				{Name: "Phase", Type: "string", JSONPath: ".status.phase"},
				{Name: "Model", Type: "string", Priority: 1, JSONPath: ".spec.model"},
			},
		}),
	}
	getter = registry.StorageVersion(getter, scheme, toysv1.SchemeGroupVersion)
	if err := store.CompleteWithOptions(&generic.StoreOptions{RESTOptions: getter, AttrFunc: attrs}); err != nil {
		return nil, err
	}
	status := *store
	status.UpdateStrategy, status.ResetFieldsStrategy = statusStrategy{s}, statusStrategy{s}
	return &storage{&robotREST{store}, &statusREST{&status}, registry.NewScaleREST(store, scale())}, nil
}

func scale() registry.ScaleAccessor {
	return registry.ScaleAccessor{
		Get: func(obj runtime.Object) (int32, int32, string, error) {
			robot, ok := obj.(*toys.Robot)
			if !ok {
				return 0, 0, "", fmt.Errorf("scale of a Robot asked of a %T", obj)
			}
			return robot.Spec.Replicas, robot.Status.Replicas, "robot=" + robot.Name, nil
		},
		Set: func(obj runtime.Object, replicas int32) error {
			robot, ok := obj.(*toys.Robot)
			if !ok {
				return fmt.Errorf("scale of a Robot set on a %T", obj)
			}
			robot.Spec.Replicas = replicas
			return nil
		},
	}
}

type robotREST struct{ *genericregistry.Store }

// ShortNames implements rest.ShortNamesProvider.
func (*robotREST) ShortNames() []string { return []string{"rb"} }

// Categories implements rest.CategoriesProvider.
func (*robotREST) Categories() []string { return []string{"all"} }

type statusREST struct{ store *genericregistry.Store }

func (*statusREST) New() runtime.Object { return &toys.Robot{} }
func (*statusREST) Destroy()            {}

func (r *statusREST) Get(ctx context.Context, name string, o *metav1.GetOptions) (runtime.Object, error) {
	return r.store.Get(ctx, name, o)
}

func (r *statusREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, create rest.ValidateObjectFunc, update rest.ValidateObjectUpdateFunc, _ bool, o *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return r.store.Update(ctx, name, info, create, update, false, o)
}

func (r *statusREST) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return r.store.GetResetFields()
}

func (r *statusREST) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return r.store.ConvertToTable(ctx, object, options)
}
