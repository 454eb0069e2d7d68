// Package barkeeper is a controller: it keeps a ConfigMap for each Bar of example/v1.
package barkeeper

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/record"

	"github.com/kubecraft/kubecraft/runtime/controller"
	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/coordination/leases"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/configmaps"
	"github.com/kubecraft/kubecraft/runtime/kubernetes/core/events"

	examplev1 "example.com/lessons/pkg/apis/example/v1"
	"example.com/lessons/pkg/generated/clientset/versioned"
	"example.com/lessons/pkg/generated/clientset/versioned/scheme"
	"example.com/lessons/pkg/generated/informers/externalversions"
	listers "example.com/lessons/pkg/generated/listers/example/v1"
)

// Name is the controller's: serve --without barkeeper leaves it out, and its lease in kube-system, its metrics and its events have it.
const Name = "barkeeper"

// resync is how often all are reconciled without an event.
const resync = 10 * time.Hour

// Kind is what it is a controller of.
var Kind = examplev1.SchemeGroupVersion.WithKind("Bar")

// Controller is the part that runs it.
func Controller() *controller.Part {
	return &controller.Part{PartName: Name, New: newController, Needs: needs()}
}

// needs are served if nothing else serves them: leases for the election, events, and what the controller makes.
func needs() controlplane.Needs {
	return controlplane.Needs{leases.Resource(), events.Resource(), configmaps.Resource()}
}

// reconciler is what reconcile needs. Listers read caches that informers fill; what they return is shared, and must not be changed.
type reconciler struct {
	client     versioned.Interface
	objects    listers.BarLister
	configMaps corelisters.ConfigMapLister
	kubernetes kubernetes.Interface
	events     record.EventRecorder
}

// newController wires it: clients, informers, and which of their events put the key of which Bar into the queue. It is called when this
// instance becomes the leader.
func newController(_ context.Context, setup controller.Setup) (*controller.Controller, error) {
	client, err := versioned.NewForConfig(setup.Config)
	if err != nil {
		return nil, err
	}
	kube, err := kubernetes.NewForConfig(setup.Config)
	if err != nil {
		return nil, err
	}
	own := externalversions.NewSharedInformerFactory(client, resync)
	owned := kubeinformers.NewSharedInformerFactoryWithOptions(kube, resync, kubeinformers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = managedBy + "=" + Name
	}))
	objects := own.Example().V1().Bars()
	configMaps := owned.Core().V1().ConfigMaps()
	if _, err := objects.Informer().AddEventHandler(setup.Enqueue(controller.Self)); err != nil {
		return nil, err
	}
	if _, err := configMaps.Informer().AddEventHandler(setup.Enqueue(controller.Owner(Kind))); err != nil {
		return nil, err
	}
	r := &reconciler{
		client:     client,
		objects:    objects.Lister(),
		kubernetes: kube,
		configMaps: configMaps.Lister(),
		events:     setup.Recorder(scheme.Scheme),
	}
	return &controller.Controller{Informers: []controller.Informers{own, owned}, Reconcile: r.reconcile}, nil
}
