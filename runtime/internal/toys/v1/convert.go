package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubecraft/kubecraft/runtime/internal/toys"
)

// AddToScheme registers the version: its types, one replica as the default, and conversion.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(SchemeGroupVersion, &Robot{}, &RobotList{})
	metav1.AddToGroupVersion(scheme, SchemeGroupVersion)
	scheme.AddTypeDefaultingFunc(&Robot{}, func(obj any) { setDefaults(obj.(*Robot)) })
	scheme.AddTypeDefaultingFunc(&RobotList{}, func(obj any) {
		list := obj.(*RobotList)
		for i := range list.Items {
			setDefaults(&list.Items[i])
		}
	})
	return addConversions(scheme)
}

func setDefaults(r *Robot) {
	if r.Spec.Replicas == nil {
		one := int32(1)
		r.Spec.Replicas = &one
	}
}

func addConversions(s *runtime.Scheme) error {
	for _, c := range []struct {
		from, to any
		convert  conversion.ConversionFunc
	}{
		{(*Robot)(nil), (*toys.Robot)(nil), func(from, to any, _ conversion.Scope) error {
			internal(from.(*Robot), to.(*toys.Robot))
			return nil
		}},
		{(*toys.Robot)(nil), (*Robot)(nil), func(from, to any, _ conversion.Scope) error {
			external(from.(*toys.Robot), to.(*Robot))
			return nil
		}},
		{(*RobotList)(nil), (*toys.RobotList)(nil), func(from, to any, _ conversion.Scope) error {
			in, out := from.(*RobotList), to.(*toys.RobotList)
			out.ListMeta, out.Items = in.ListMeta, make([]toys.Robot, len(in.Items))
			for i := range in.Items {
				internal(&in.Items[i], &out.Items[i])
			}
			return nil
		}},
		{(*toys.RobotList)(nil), (*RobotList)(nil), func(from, to any, _ conversion.Scope) error {
			in, out := from.(*toys.RobotList), to.(*RobotList)
			out.ListMeta, out.Items = in.ListMeta, make([]Robot, len(in.Items))
			for i := range in.Items {
				external(&in.Items[i], &out.Items[i])
			}
			return nil
		}},
	} {
		if err := s.AddGeneratedConversionFunc(c.from, c.to, c.convert); err != nil {
			return err
		}
	}
	return nil
}

func internal(in *Robot, out *toys.Robot) {
	out.ObjectMeta = in.ObjectMeta
	out.Spec.Model = in.Spec.Model
	if in.Spec.Replicas != nil {
		out.Spec.Replicas = *in.Spec.Replicas
	}
	out.Status = toys.RobotStatus(in.Status)
}

func external(in *toys.Robot, out *Robot) {
	out.ObjectMeta = in.ObjectMeta
	replicas := in.Spec.Replicas
	out.Spec = RobotSpec{Model: in.Spec.Model, Replicas: &replicas}
	out.Status = RobotStatus(in.Status)
}
