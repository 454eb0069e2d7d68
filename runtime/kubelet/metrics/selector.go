package metrics

import (
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// selector says of an object whether a list asks for it.
func selector(options *internalversion.ListOptions) func(metav1.Object) bool {
	field, label := fields.Everything(), labels.Everything()
	if options != nil && options.FieldSelector != nil {
		field = options.FieldSelector
	}
	if options != nil && options.LabelSelector != nil {
		label = options.LabelSelector
	}
	return func(of metav1.Object) bool {
		return label.Matches(labels.Set(of.GetLabels())) &&
			field.Matches(fields.Set{"metadata.name": of.GetName(), "metadata.namespace": of.GetNamespace()})
	}
}
