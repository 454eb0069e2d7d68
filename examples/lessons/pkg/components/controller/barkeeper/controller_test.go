package barkeeper

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/testenv"

	examplev1 "example.com/lessons/pkg/apis/example/v1"
	"example.com/lessons/pkg/apiserver"
	"example.com/lessons/pkg/generated/clientset/versioned"
)

const namespace = metav1.NamespaceDefault

// A Bar has its ConfigMap for as long as it is there, whatever becomes of that.
func TestController(t *testing.T) {
	env := testenv.Start(t, apiserver.Groups(), Controller())
	objects := versioned.NewForConfigOrDie(env.Config()).ExampleV1().Bars(namespace)
	configMaps := kubernetes.NewForConfigOrDie(env.Config()).CoreV1().ConfigMaps(namespace)
	object := create(t, env, "first")
	var made *corev1.ConfigMap
	eventually(t, "the Bar is ready", func() (err error) {
		if object, err = objects.Get(t.Context(), object.Name, metav1.GetOptions{}); err != nil {
			return err
		}
		if !meta.IsStatusConditionTrue(object.Status.Conditions, ready) {
			return fmt.Errorf("conditions %v", object.Status.Conditions)
		}
		made, err = configMaps.Get(t.Context(), object.Name+"-"+Name, metav1.GetOptions{})
		return err
	})

	if err := configMaps.Delete(t.Context(), made.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	var again *corev1.ConfigMap
	eventually(t, "a ConfigMap that was deleted is there again", func() (err error) {
		again, err = configMaps.Get(t.Context(), made.Name, metav1.GetOptions{})
		return err
	})
	again.Data = map[string]string{"spec.json": "changed"}
	if _, err := configMaps.Update(t.Context(), again, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a ConfigMap that was changed is as before", func() error {
		now, err := configMaps.Get(t.Context(), made.Name, metav1.GetOptions{})
		if err == nil && now.Data["spec.json"] != made.Data["spec.json"] {
			err = fmt.Errorf("data %v", now.Data)
		}
		return err
	})

	if err := objects.Delete(t.Context(), object.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a Bar that was deleted goes", func() error {
		now, err := objects.Get(t.Context(), object.Name, metav1.GetOptions{})
		if err == nil {
			err = fmt.Errorf("finalizers %v", now.Finalizers)
		}
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	})
	if _, err := configMaps.Get(t.Context(), made.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("its ConfigMap is still there: %v", err)
	}
}

// Of two instances one works. When it stops the other goes on.
func TestElection(t *testing.T) {
	env := testenv.Start(t, apiserver.Groups(), needs())
	client := kubernetes.NewForConfigOrDie(env.Config())
	leads := func(identity string) {
		t.Helper()
		eventually(t, identity+" leads", func() error {
			lease, err := client.CoordinationV1().Leases(metav1.NamespaceSystem).Get(t.Context(), Name, metav1.GetOptions{})
			if err == nil && (lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity != identity) {
				err = fmt.Errorf("lease %v", lease.Spec)
			}
			return err
		})
	}
	works := func(identity, name string) {
		t.Helper()
		create(t, env, name)
		eventually(t, identity+" works on "+name, func() error {
			events, err := client.CoreV1().Events(namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "reason=Created,involvedObject.name=" + name})
			if err == nil && (len(events.Items) != 1 || events.Items[0].ReportingInstance != identity) {
				err = fmt.Errorf("events %v", events.Items)
			}
			return err
		})
	}
	stop := start(t, env, "one")
	leads("one")
	start(t, env, "two")
	works("one", "first")
	stop()
	leads("two")
	works("two", "second")
}

// start runs an instance beside the server, as another process would.
func start(t *testing.T, env *testenv.Env, identity string) (stop func()) {
	instance := Controller()
	instance.Identity = identity
	instance.Election.RetryPeriod = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- instance.Run(ctx, env.Config()) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", identity, err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// create makes a Bar. What a Bar must have goes in here.
func create(t *testing.T, env *testenv.Env, name string) *examplev1.Bar {
	t.Helper()
	var object *examplev1.Bar
	eventually(t, "a Bar can be made", func() (err error) {
		object, err = versioned.NewForConfigOrDie(env.Config()).ExampleV1().Bars(namespace).Create(t.Context(), &examplev1.Bar{
			ObjectMeta: metav1.ObjectMeta{Name: name},
		}, metav1.CreateOptions{})
		return err
	})
	return object
}

// eventually waits until there is no error any more.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s: %v", what, err)
		}
	}
}
