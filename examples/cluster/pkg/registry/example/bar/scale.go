package bar

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubecraft/kubecraft/runtime/registry"

	"example.com/demo/pkg/apis/example"
)

// scale says where a Bar keeps what the scale subresource shows and sets.
func scale() registry.ScaleAccessor {
	return registry.ScaleAccessor{
		Get: func(obj runtime.Object) (spec, status int32, selector string, err error) {
			object, ok := obj.(*example.Bar)
			if !ok {
				return 0, 0, "", fmt.Errorf("scale of a Bar asked of a %T", obj)
			}
			if object.Spec.Replicas != nil {
				spec = *object.Spec.Replicas
			}
			return spec, object.Status.Replicas, object.Status.Selector, nil
		},
		Set: func(obj runtime.Object, replicas int32) error {
			object, ok := obj.(*example.Bar)
			if !ok {
				return fmt.Errorf("scale of a Bar set on a %T", obj)
			}
			object.Spec.Replicas = &replicas
			return nil
		},
	}
}
