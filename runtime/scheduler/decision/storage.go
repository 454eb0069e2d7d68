package decision

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/duration"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

const resource = "schedulingdecisions"

// Group returns the API group that serves a log.
func Group(log *Log) apiserver.Group {
	return apiserver.Group{
		Install: install,
		NewRESTStorage: func(scheme *runtime.Scheme, _ generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
			info := genericapiserver.NewDefaultAPIGroupInfo(decisionv1.GroupName, scheme, metav1.ParameterCodec, serializer.NewCodecFactory(scheme))
			info.VersionedResourcesStorageMap[decisionv1.SchemeGroupVersion.Version] = map[string]rest.Storage{resource: storage{log}}
			return info, nil
		},
	}
}

func install(scheme *runtime.Scheme) {
	// What fails here is a mistake in this package, which every test of a server with a scheduler sees.
	for _, err := range []error{
		decisionv1.AddToScheme(scheme),
		scheme.AddFieldLabelConversionFunc(decisionv1.SchemeGroupVersion.WithKind("SchedulingDecision"), fieldLabel),
		scheme.SetVersionPriority(decisionv1.SchemeGroupVersion),
	} {
		if err != nil {
			panic(err)
		}
	}
}

// fieldLabel says which fields decisions can be selected by.
func fieldLabel(label, value string) (string, string, error) {
	switch label {
	case "metadata.name", "metadata.namespace", "pod", "node", "result", "scheduler":
		return label, value, nil
	}
	return "", "", fmt.Errorf("field label %q is not supported: there are metadata.name, metadata.namespace, pod, node, result and scheduler", label)
}

func fieldsOf(d *decisionv1.SchedulingDecision) fields.Set {
	return fields.Set{"metadata.name": d.Name, "metadata.namespace": d.Namespace, "pod": d.Pod, "node": d.Node,
		"result": string(d.Result), "scheduler": d.Scheduler}
}

// storage implements rest.Storage over a log. Nothing in it can be changed.
type storage struct{ log *Log }

var (
	_ rest.Scoper               = storage{}
	_ rest.Lister               = storage{}
	_ rest.Getter               = storage{}
	_ rest.SingularNameProvider = storage{}
)

// New implements rest.Storage.
func (storage) New() runtime.Object { return &decisionv1.SchedulingDecision{} }

// NewList implements rest.Lister.
func (storage) NewList() runtime.Object { return &decisionv1.SchedulingDecisionList{} }

// Destroy implements rest.Storage.
func (storage) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (storage) NamespaceScoped() bool { return true }

// GetSingularName implements rest.SingularNameProvider.
func (storage) GetSingularName() string { return "schedulingdecision" }

// Get implements rest.Getter.
func (s storage) Get(ctx context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	found, err := s.log.Get(genericapirequest.NamespaceValue(ctx), name)
	if err != nil {
		return nil, err
	}
	answer := *found // whose kind the server sets
	return &answer, nil
}

// List implements rest.Lister.
func (s storage) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	field, label := fields.Everything(), labels.Everything()
	if options != nil && options.FieldSelector != nil {
		field = options.FieldSelector
	}
	if options != nil && options.LabelSelector != nil {
		label = options.LabelSelector
	}
	found := s.log.List(genericapirequest.NamespaceValue(ctx), func(d *decisionv1.SchedulingDecision) bool {
		return field.Matches(fieldsOf(d)) && label.Matches(labels.Set(d.Labels))
	})
	list := &decisionv1.SchedulingDecisionList{Items: make([]decisionv1.SchedulingDecision, 0, len(found))}
	for _, d := range found {
		list.Items = append(list.Items, *d)
	}
	return list, nil
}

// ConvertToTable implements rest.TableConvertor.
func (s storage) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	table := &metav1.Table{}
	if o, ok := options.(*metav1.TableOptions); !ok || !o.NoHeaders {
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: "the pod and the attempt"},
			{Name: "Result", Type: "string", Description: "how the attempt ended"},
			{Name: "Node", Type: "string", Description: "the node that was chosen"},
			{Name: "Evaluated", Type: "integer", Description: "nodes that were looked at"},
			{Name: "Feasible", Type: "integer", Description: "nodes that would do"},
			{Name: "Took", Type: "string", Description: "time until a node was chosen"},
			{Name: "Age", Type: "string", Description: "time since the attempt began"},
			{Name: "Scheduler", Type: "string", Priority: 1, Description: "the scheduler's profile"},
			{Name: "Message", Type: "string", Priority: 1, Description: "why the pod has come to no node"},
		}
	}
	row := func(object runtime.Object) error {
		d, ok := object.(*decisionv1.SchedulingDecision)
		if !ok {
			return fmt.Errorf("a %T is not a decision", object)
		}
		table.Rows = append(table.Rows, metav1.TableRow{Object: runtime.RawExtension{Object: object}, Cells: []any{
			d.Name, string(d.Result), d.Node, d.Evaluated, d.Feasible, (time.Duration(d.Microseconds) * time.Microsecond).String(),
			duration.HumanDuration(time.Since(d.StartTime.Time)), d.Scheduler, d.Message,
		}})
		return nil
	}
	if !meta.IsListType(object) {
		return table, row(object)
	}
	return table, meta.EachListItem(object, row)
}
