package departures

import (
	"context"
	"fmt"
	"path"
	"strconv"

	etcdclient "go.etcd.io/etcd/client/v3/kubernetes"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/coordination"
)

// Leases writes leases that are renewed as the handlers and the registry would leave them (k8s.io/apiserver/pkg/endpoints/handlers/update.go:51,
// k8s.io/apiserver/pkg/registry/generic/registry/store.go:714), without them: whoever renews a lease changes a time in it, which no
// defaulting and no validation depends on. Admission is not asked, and the time in the managed fields stays that of the first write. For
// the nodes of a large cluster, which do nothing else, it is the difference between a tenth of a core and half of one.
type Leases struct {
	client  etcdclient.Interface
	options generic.RESTOptions
}

// NewLeases returns one that writes by client what storage says how to write.
func NewLeases(client etcdclient.Interface, storage generic.RESTOptionsGetter) (*Leases, error) {
	options, err := storage.GetRESTOptions(coordination.Resource("leases"), &coordination.Lease{})
	if err != nil {
		return nil, err
	}
	return &Leases{client, options}, nil
}

// Renew writes a lease as it was answered before, but for times in its spec. It returns it as it is stored then. If another has been
// stored in between, that is a conflict.
func (l *Leases) Renew(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	revision, err := strconv.ParseInt(lease.ResourceVersion, 10, 64)
	if err != nil || revision == 0 {
		return nil, fmt.Errorf("lease %s has no resource version that could be renewed: %q", lease.Name, lease.ResourceVersion)
	}
	renewed := *lease
	renewed.ResourceVersion = ""
	internal, err := legacyscheme.Scheme.UnsafeConvertToVersion(&renewed, schema.GroupVersion{Group: coordination.GroupName, Version: runtime.APIVersionInternal})
	if err != nil {
		return nil, err
	}
	storage := l.options.StorageConfig
	data, err := runtime.Encode(storage.Codec, internal)
	if err != nil {
		return nil, err
	}
	key := path.Join("/", storage.Prefix, l.options.ResourcePrefix, lease.Namespace, lease.Name)
	if storage.Transformer != nil {
		if data, err = storage.Transformer.TransformToStorage(ctx, data, value.DefaultContext(key)); err != nil {
			return nil, err
		}
	}
	written, err := l.client.OptimisticPut(ctx, key, data, revision, etcdclient.PutOptions{})
	if err != nil {
		return nil, err
	}
	if !written.Succeeded {
		return nil, apierrors.NewConflict(coordination.Resource("leases"), lease.Name, fmt.Errorf("it is not at resource version %d any more", revision))
	}
	renewed.ResourceVersion = strconv.FormatInt(written.Revision, 10)
	return &renewed, nil
}
