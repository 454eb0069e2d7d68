package kubelet

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/component-helpers/storage/volume"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
)

const (
	// provisioner is who makes volumes for claims, in storage classes.
	provisioner = "kubecraft.io/simulated"
	// standardClass is the storage class of clusters that have none of their own.
	standardClass = "standard"
	// volumesPath is where volumes are, as far as anybody asks.
	volumesPath = "/var/lib/kubecraft/volumes/"
)

// volumes makes volumes for the claims of storage classes that name the provisioner, and takes those away that are released. Nothing is stored
// in them, and they can be used on every node. Binding is for kube-controller-manager, as with any external provisioner.
type volumes struct {
	client   kubernetes.Interface
	recorder record.EventRecorder
	claims   corelisters.PersistentVolumeClaimLister
	volumes  corelisters.PersistentVolumeLister
	classes  storagelisters.StorageClassLister
	synced   []cache.InformerSynced
	queue    workqueue.TypedRateLimitingInterface[claimOrVolume]
	unfollow []func()
}

// claimOrVolume is the name of a claim or, without a namespace, of a volume.
type claimOrVolume struct{ namespace, name string }

func newVolumes(client kubernetes.Interface, shared informers.SharedInformerFactory, recorder record.EventRecorder) (*volumes, error) {
	v := &volumes{
		client: client, recorder: recorder,
		claims:  shared.Core().V1().PersistentVolumeClaims().Lister(),
		volumes: shared.Core().V1().PersistentVolumes().Lister(),
		classes: shared.Storage().V1().StorageClasses().Lister(),
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[claimOrVolume]()),
	}
	for _, informer := range []cache.SharedIndexInformer{
		shared.Core().V1().PersistentVolumeClaims().Informer(), shared.Core().V1().PersistentVolumes().Informer(), shared.Storage().V1().StorageClasses().Informer(),
	} {
		handle, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: v.enqueue, UpdateFunc: func(_, now any) { v.enqueue(now) }})
		if err != nil {
			v.stop()
			return nil, err
		}
		v.synced = append(v.synced, handle.HasSynced)
		v.unfollow = append(v.unfollow, func() { _ = informer.RemoveEventHandler(handle) })
	}
	return v, nil
}

func (v *volumes) enqueue(of any) {
	switch o := of.(type) {
	case *corev1.PersistentVolumeClaim:
		if wants(o) {
			v.queue.Add(claimOrVolume{o.Namespace, o.Name})
		}
	case *corev1.PersistentVolume:
		if released(o) {
			v.queue.Add(claimOrVolume{name: o.Name})
		}
	}
}

// wants says whether a claim waits for a volume of the provisioner's. kube-controller-manager says so in an annotation, for classes that
// wait for a consumer once the scheduler has found the node.
func wants(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Spec.VolumeName == "" && claim.DeletionTimestamp == nil && claim.Annotations[volume.AnnStorageProvisioner] == provisioner
}

func released(pv *corev1.PersistentVolume) bool {
	return pv.Annotations[volume.AnnDynamicallyProvisioned] == provisioner && pv.Status.Phase == corev1.VolumeReleased &&
		pv.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete && pv.DeletionTimestamp == nil
}

func (v *volumes) stop() {
	for _, unfollow := range v.unfollow {
		unfollow()
	}
	v.queue.ShutDown()
}

// run makes and removes volumes until ctx ends.
func (v *volumes) run(ctx context.Context) error {
	if !cache.WaitForCacheSync(ctx.Done(), v.synced...) {
		return nil
	}
	working, ctx := errgroup.WithContext(ctx)
	working.Go(func() error {
		err := wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
			err := v.makeClass(ctx)
			if err != nil && ctx.Err() == nil {
				klog.Warningf("storage class %s: %v", standardClass, err)
			}
			return err == nil, nil
		})
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	working.Go(func() error {
		<-ctx.Done()
		v.queue.ShutDown()
		return nil
	})
	working.Go(func() error {
		for {
			of, shutdown := v.queue.Get()
			if shutdown {
				return nil
			}
			if err := v.do(ctx, of); err == nil || ctx.Err() != nil {
				v.queue.Forget(of)
			} else {
				v.queue.AddRateLimited(of)
			}
			v.queue.Done(of)
		}
	})
	return working.Wait()
}

// makeClass gives a cluster that has no storage class one that is the default.
func (v *volumes) makeClass(ctx context.Context) error {
	if there, err := v.classes.List(labels.Everything()); err != nil || len(there) > 0 {
		return err
	}
	_, err := v.client.StorageV1().StorageClasses().Create(ctx, &storagev1.StorageClass{
		ObjectMeta:        metav1.ObjectMeta{Name: standardClass, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner:       provisioner,
		ReclaimPolicy:     ptr.To(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode: ptr.To(storagev1.VolumeBindingWaitForFirstConsumer),
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (v *volumes) do(ctx context.Context, of claimOrVolume) error {
	if of.namespace == "" {
		return v.remove(ctx, of.name)
	}
	claim, err := v.claims.PersistentVolumeClaims(of.namespace).Get(of.name)
	if apierrors.IsNotFound(err) || err == nil && !wants(claim) {
		return nil
	} else if err != nil {
		return err
	}
	return v.provision(ctx, claim)
}

// provision makes the volume that a claim waits for.
func (v *volumes) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	class, err := v.classes.Get(volume.GetPersistentVolumeClaimClass(claim))
	if err != nil {
		return err
	}
	if class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer && claim.Annotations[volume.AnnSelectedNode] == "" {
		return nil // the scheduler's turn
	}
	pv := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "pvc-" + string(claim.UID), Annotations: map[string]string{volume.AnnDynamicallyProvisioned: provisioner}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			MountOptions:                  class.MountOptions,
			PersistentVolumeReclaimPolicy: ptr.Deref(class.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete),
			StorageClassName:              class.Name,
			ClaimRef: &corev1.ObjectReference{
				Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
		},
	}
	pv.Spec.HostPath = &corev1.HostPathVolumeSource{Path: volumesPath + pv.Name, Type: ptr.To(corev1.HostPathDirectoryOrCreate)}
	_, err = v.client.CoreV1().PersistentVolumes().Create(ctx, pv, metav1.CreateOptions{})
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil
	case err != nil:
		v.recorder.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", fmt.Sprintf("failed to provision volume with StorageClass %q: %v", class.Name, err))
		return err
	}
	v.recorder.Event(claim, corev1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume "+pv.Name)
	return nil
}

// remove takes away a volume that is released.
func (v *volumes) remove(ctx context.Context, name string) error {
	pv, err := v.volumes.Get(name)
	if apierrors.IsNotFound(err) || err == nil && !released(pv) {
		return nil
	} else if err != nil {
		return err
	}
	err = v.client.CoreV1().PersistentVolumes().Delete(ctx, name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pv.UID))})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
