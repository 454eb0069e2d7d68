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
	var unknown, examples []string
	for next := ""; ; {
		page, err := store.List(ctx, registry, etcdclient.ListOptions{Limit: 1, Continue: next})
		if err != nil {
			return err
		}
		if len(page.Kvs) == 0 {
			break
		}
		key := string(page.Kvs[0].Key)
		var prefix string
		if at := slices.IndexFunc(known, func(prefix string) bool { return strings.HasPrefix(key, prefix) }); at >= 0 {
			prefix = known[at]
		} else {
			prefix = folderOf(key)
			unknown, examples = append(unknown, prefix), append(examples, key)
		}
		next = strings.TrimSuffix(prefix, "/") + "0" // the first key after all of the prefix
	}
	if len(unknown) == 0 {
		return nil
	}
	defined, err := definedPrefixes(ctx, store) // after what they define
	if err != nil {
		return err
	}
	for i, prefix := range unknown {
		if slices.Contains(defined, prefix) {
			continue
		}
		count, err := store.Count(ctx, prefix, etcdclient.CountOptions{})
		if err != nil {
			return err
		}
		if found.Count == 0 {
			found.Example = examples[i] + ": no such resource is served"
		}
		found.Count += int(count)
	}
	return nil
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

// folderOf returns what the keys of a key's resource begin with: GROUP/RESOURCE/ of types of one's own and custom resources,
// RESOURCE/ of what has neither group nor namespace.
func folderOf(key string) string {
	parts := strings.SplitAfterN(strings.TrimPrefix(key, registry), "/", 3)
	switch len(parts) {
	case 1:
		return key
	case 2:
		return registry + parts[0]
	}
	return registry + parts[0] + parts[1]
}
