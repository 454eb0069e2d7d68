package kubernetes_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

// What etcdctl does: get --prefix, put and watch, through the socket in the data folder.
func TestTheStoreIsAnEtcdToOthers(t *testing.T) {
	c, namespace := sharedCluster(t)
	if info, err := os.Stat(filepath.Join(c.dir, "data", "etcd")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("others may enter the socket's folder: %v, %v", info, err)
	}
	etcd, err := clientv3.New(clientv3.Config{Endpoints: []string{"unix:" + filepath.Join(c.dir, "data", "etcd", "client.sock")}, DialTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer etcd.Close()
	key := "/registry/configmaps/" + namespace + "/"
	changes := etcd.Watch(t.Context(), key, clientv3.WithPrefix())
	c.create("/api/v1/namespaces/"+namespace+"/configmaps", `{"metadata":{"name":"a"},"data":{"k":"v"}}`)
	select {
	case change := <-changes:
		if len(change.Events) == 0 || len(change.Events[0].Kv.Value) == 0 {
			t.Errorf("%v", change)
		}
	case <-time.After(patience):
		t.Error("the change is not seen")
	}
	found, err := etcd.Get(t.Context(), key, clientv3.WithPrefix())
	if err != nil || len(found.Kvs) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	last := found.Kvs[len(found.Kvs)-1]
	if _, err := etcd.Put(t.Context(), key+"b", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"`+namespace+`","uid":"1"}}`); err != nil {
		t.Fatal(err)
	}
	c.eventually("what is put is served", func() bool {
		_, err := c.CoreV1().ConfigMaps(namespace).Get(t.Context(), "b", metav1.GetOptions{})
		return err == nil
	})
	if _, err := etcd.Delete(t.Context(), string(last.Key)); err != nil {
		t.Fatal(err)
	}
}

// Somebody's folder is called what is something else in a URL.
func TestFoldersHaveAnyName(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "C# 100% é")
	c := start(t, options(dir), kubernetes.All())
	c.namespace()
	if _, err := os.Stat(filepath.Join(dir, "data", "etcd")); !os.IsNotExist(err) {
		t.Errorf("the socket of the etcd API has a place where nobody finds it: %v", err)
	}
}
