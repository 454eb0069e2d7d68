package apiserver

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// newScheme knows the groups' types, and those that every server speaks: the options of requests, the answers that are
// not resources, and the Scale of scale subresources.
func newScheme(groups []Group) *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, g := range groups {
		if g.Install != nil {
			g.Install(scheme)
		}
	}
	core := schema.GroupVersion{Version: "v1"}
	metav1.AddToGroupVersion(scheme, core)
	scheme.AddUnversionedTypes(core,
		&metav1.Status{}, &metav1.APIVersions{}, &metav1.APIGroupList{}, &metav1.APIGroup{}, &metav1.APIResourceList{})
	if !scheme.IsVersionRegistered(autoscalingv1.SchemeGroupVersion) {
		utilruntime.Must(autoscalingv1.AddToScheme(scheme))
		// The server decodes requests into the internal version of a type. Scale needs no other than its only one.
		internal := schema.GroupVersion{Group: autoscalingv1.GroupName, Version: runtime.APIVersionInternal}
		scheme.AddKnownTypes(internal, &autoscalingv1.Scale{})
	}
	return scheme
}
