package kubernetes

import (
	"context"
	"slices"
	"strings"

	etcdclient "go.etcd.io/etcd/client/v3/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/apiserver"
)

const (
	// registry is what the keys of objects begin with: what kube-apiserver's --etcd-prefix defaults to.
	registry = "/registry/"
	// definitions is where custom resources are defined. Theirs are named PLURAL.GROUP, and stored in GROUP/PLURAL.
	definitions = registry + "apiextensions.k8s.io/customresourcedefinitions/"
)

// bookkeeping is stored beside the resources, by the allocators of services and those that tell others of their address.
var bookkeeping = []string{registry + "ranges/", registry + "masterleases/", registry + "peerserverleases/"}

// findUnserved counts the objects of resources that this server does not have, such as the types of another project that the
// data folder was of. It asks for one key of each resource.
func findUnserved(ctx context.Context, store etcdclient.Interface, served []string, found *apiserver.Found) error {
	known := append(slices.Clone(bookkeeping), served...)
	defined, err := definedPrefixes(ctx, store)
	if err != nil {
		return err
	}
	known = append(known, defined...)
	for next := ""; ; {
		page, err := store.List(ctx, registry, etcdclient.ListOptions{Limit: 1, Continue: next})
		if err != nil || len(page.Kvs) == 0 {
			return err
		}
		key := string(page.Kvs[0].Key)
		at := slices.IndexFunc(known, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		prefix := ""
		if at >= 0 {
			prefix = known[at]
		} else {
			prefix = folderOf(key)
			count, err := store.Count(ctx, prefix, etcdclient.CountOptions{})
			if err != nil {
				return err
			}
			if found.Count == 0 {
				found.Example = key + ": no such resource is served"
			}
			found.Count += int(count)
		}
		next = strings.TrimSuffix(prefix, "/") + "0" // the first key after all of the prefix
	}
}

// definedPrefixes are those of custom resources, whose storage is made when they are first asked for.
func definedPrefixes(ctx context.Context, store etcdclient.Interface) ([]string, error) {
	list, err := store.List(ctx, definitions, etcdclient.ListOptions{})
	if err != nil {
		return nil, err
	}
	var prefixes []string
	for _, kv := range list.Kvs {
		if plural, group, ok := strings.Cut(strings.TrimPrefix(string(kv.Key), definitions), "."); ok {
			prefixes = append(prefixes, registry+group+"/"+plural+"/")
		}
	}
	return prefixes, nil
}

// folderOf returns GROUP/RESOURCE/ of a key, as types of one's own and custom resources are stored.
func folderOf(key string) string {
	parts := strings.SplitAfterN(strings.TrimPrefix(key, registry), "/", 3)
	if len(parts) < 3 {
		return key
	}
	return registry + parts[0] + parts[1]
}
