package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeapiserver "k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
)

func TestFlagsOfKubeAPIServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--etcd-servers=http://127.0.0.1:2379"}, "--etcd-servers of kube-apiserver cannot be set"},
		{[]string{"--tls-cert-file=x", "--secure-port=1"}, "--secure-port of kube-apiserver cannot be set"},
		{[]string{"--no-such-flag"}, "flag of kube-apiserver: unknown flag: --no-such-flag"},
		{[]string{"--goaway-chance=2"}, "--goaway-chance"},
		{[]string{"extra"}, `unexpected argument "extra" among kube-apiserver's flags`},
	} {
		o := options(t.TempDir())
		o.APIServerArgs = c.args
		plane, err := controlplane.Start(t.Context(), o, kubernetes.All())
		if err == nil {
			_ = plane.Stop()
			t.Errorf("%v: no error", c.args)
		} else if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, not %s", c.args, err, c.want)
		}
	}
	o := options(t.TempDir())
	o.APIServerArgs = []string{"--disable-admission-plugins=ServiceAccount", "--enable-admission-plugins=AlwaysPullImages", "--service-cluster-ip-range=10.7.0.0/16"}
	c := start(t, o, kubernetes.All())
	c.create("/api/v1/namespaces/default/pods", `{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"x:1"}]}}`)
	pod, err := c.CoreV1().Pods("default").Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil || pod.Spec.Containers[0].ImagePullPolicy != "Always" {
		t.Errorf("the plugin was not asked: %v, %v", pod, err)
	}
}

// Each flag that is refused is one of kube-apiserver's: one that has another name in a new version would be let through.
func TestFlagsThatKubecraftOwns(t *testing.T) {
	t.Parallel()
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, set := range kubeapiserver.NewServerRunOptions().Flags().FlagSets {
		all.AddFlagSet(set)
	}
	for name, advice := range kubernetes.Owned() {
		flag := all.Lookup(name)
		if flag == nil {
			t.Errorf("kube-apiserver has no --%s", name)
			continue
		}
		value := flag.DefValue
		if value == "[]" {
			value = ""
		}
		_, err := kubernetes.CheckArgs([]string{"--" + name + "=" + value})
		if want := "--" + name + " of kube-apiserver cannot be set: " + advice; err == nil || err.Error() != want {
			t.Errorf("%v, not %s", err, want)
		}
	}
}

// Feature gates are the process's, so this is one of its own.
func TestFeatureGatesAndAudit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	policy, log := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "audit.log")
	if err := os.WriteFile(policy, []byte("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  resources:\n  - resources: [configmaps]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, "--audit-policy-file="+policy, "--audit-log-path="+log, "--feature-gates=CBORServingAndStorage=true")
	c := newClients(t, p.dir, p.config())
	if gate := `kubernetes_feature_enabled{name="CBORServingAndStorage",stage="ALPHA"} 1`; !strings.Contains(c.get("/metrics"), gate) {
		t.Errorf("the metrics have no %s", gate)
	}
	answer := c.CoreV1().RESTClient().Get().AbsPath("/api/v1/namespaces/default").SetHeader("Accept", "application/cbor").Do(t.Context())
	var kind string
	if answer.ContentType(&kind); kind != "application/cbor" {
		t.Errorf("with the gate the answer is %q: %v", kind, answer.Error())
	}
	c.create("/api/v1/namespaces/default/configmaps", `{"metadata":{"name":"audited"},"data":{"a":"b"}}`)
	for _, want := range []struct{ name, by string }{
		{"audited", "kubernetes-adminmap[a:b]"},
		{"kube-root-ca.crt", "system:apiserver"}, // of the server's own components
	} {
		c.eventually("the log has the creation of "+want.name, func() bool { return audited(t, log, want.name, want.by) })
	}
}

// audited looks for the creation of a configmap in a log, and whether it says who has created it, and what is in it.
func audited(t *testing.T, log, name, by string) bool {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var event struct {
			Verb          string                           `json:"verb"`
			User          struct{ Username string }        `json:"user"`
			ObjectRef     struct{ Name string }            `json:"objectRef"`
			RequestObject struct{ Data map[string]string } `json:"requestObject"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			continue // still being written
		}
		if event.Verb == "create" && event.ObjectRef.Name == name {
			if got := fmt.Sprint(event.User.Username, event.RequestObject.Data); !strings.HasPrefix(got, by) {
				t.Errorf("the log has %s, not %s", got, by)
			}
			return true
		}
	}
	return false
}
