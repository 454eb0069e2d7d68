package toys

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group.
const GroupName = "toys.example.com"

// Resource names a resource of the group.
func Resource(name string) schema.GroupResource {
	return schema.GroupResource{Group: GroupName, Resource: name}
}

// Robot is the internal form.
type Robot struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	Spec   RobotSpec
	Status RobotStatus
}

// RobotSpec is what is asked for.
type RobotSpec struct {
	Model    string
	Replicas int32
}

// RobotStatus is what there is.
type RobotStatus struct {
	Phase    string
	Replicas int32
}

// RobotList is a list.
type RobotList struct {
	metav1.TypeMeta
	metav1.ListMeta
	Items []Robot
}

// DeepCopyObject implements runtime.Object.
func (r *Robot) DeepCopyObject() runtime.Object {
	c := *r
	c.ObjectMeta = *r.ObjectMeta.DeepCopy()
	return &c
}

// DeepCopyObject implements runtime.Object.
func (l *RobotList) DeepCopyObject() runtime.Object {
	c := *l
	c.ListMeta = *l.ListMeta.DeepCopy()
	c.Items = make([]Robot, len(l.Items))
	for i := range l.Items {
		c.Items[i] = *l.Items[i].DeepCopyObject().(*Robot)
	}
	return &c
}
