package kubernetes_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
	"github.com/kubecraft/kubecraft/runtime/kubernetes"
	"github.com/kubecraft/kubecraft/runtime/testenv"
)

const definitionFile = `# what controller-gen writes
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crons.example.com
spec:
  group: example.com
  names: {kind: Cron, plural: crons}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {schedule: {type: string}}}
`

const convertedFile = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: turns.example.com
spec:
  group: example.com
  names: {kind: Turn, plural: turns}
  scope: Namespaced
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig:
        service: {namespace: system, name: webhook-service, path: /convert}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
`

const webhookFile = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: crons
webhooks:
- name: crons.example.com
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig:
    service: {namespace: system, name: webhook-service, path: /validate-crons}
  rules:
  - {apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [crons]}
`

func manifests(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A webhook that is asked about everything, and runs later than what the server begins with, keeps nothing of that away.
func TestEnvIsSettledBeforeWebhooksAreAsked(t *testing.T) {
	t.Parallel()
	everything := strings.NewReplacer(`[example.com]`, `["*"]`, `[crons]`, `["*"]`).Replace(webhookFile)
	if everything == webhookFile {
		t.Fatal("the webhook is asked as before")
	}
	env := testenv.Options{Webhooks: []string{manifests(t, map[string]string{"webhooks.yml": everything})}}.Start(t, kubernetes.All())
	c := newClients(t, "", env.Config())
	if _, err := c.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(t.Context(), "default", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

// The manifests of a project, as they are, are served and asked.
func TestEnvHasDefinitionsAndWebhooks(t *testing.T) {
	t.Parallel()
	env := testenv.Options{
		CRDs:     []string{manifests(t, map[string]string{"crons.yaml": definitionFile, "turns.yaml": convertedFile, "kustomization.yaml": "resources: [crons.yaml]\n", "README.md": "no manifest"})},
		Webhooks: []string{manifests(t, map[string]string{"webhooks.yml": webhookFile})},
	}.Start(t, kubernetes.All())
	c := newClients(t, "", env.Config())

	hook := env.Webhooks()
	var turns struct {
		Spec struct {
			Conversion struct {
				Webhook struct {
					ClientConfig struct {
						URL      string
						CABundle []byte
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(c.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/turns.example.com")), &turns); err != nil {
		t.Fatal(err)
	}
	if got := turns.Spec.Conversion.Webhook.ClientConfig; got.URL != hook.URL("/convert") || string(got.CABundle) != string(hook.CA) {
		t.Errorf("objects are converted by %+v", got)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/validate-crons", func(w http.ResponseWriter, req *http.Request) {
		var review struct {
			Request struct {
				UID    string `json:"uid"`
				Object struct {
					Spec struct{ Schedule string }
				} `json:"object"`
			} `json:"request"`
		}
		_ = json.NewDecoder(req.Body).Decode(&review)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":%q,"allowed":%t,"status":{"message":"never"}}}`,
			review.Request.UID, review.Request.Object.Spec.Schedule != "never")
	})
	server := http.Server{Addr: net.JoinHostPort(hook.Host, fmt.Sprint(hook.Port)), Handler: mux}
	listener, err := net.Listen("tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = server.ServeTLS(listener, filepath.Join(hook.CertDir, "tls.crt"), filepath.Join(hook.CertDir, "tls.key"))
	}()
	t.Cleanup(func() { _ = server.Close() })

	const crons = "/apis/example.com/v1/namespaces/default/crons"
	cron := func(schedule string) string {
		return fmt.Sprintf(`{"apiVersion":"example.com/v1","kind":"Cron","metadata":{"name":"a"},"spec":{"schedule":%q}}`, schedule)
	}
	c.eventually("the webhook is asked", func() bool {
		err := c.try(crons, cron("never"))
		return err != nil && strings.Contains(err.Error(), "never")
	})
	c.create(crons, cron("daily"))
}

func TestEnvHasUsers(t *testing.T) {
	t.Parallel()
	env := testenv.Start(t, kubernetes.All())
	c := newClients(t, "", env.Config())
	alice, err := clientset.NewForConfig(env.User("alice", "developers"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alice.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("without a role: %v", err)
	}
	c.create("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
		`{"metadata":{"name":"view"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},
		"subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"developers"}]}`)
	c.eventually("the group's role holds", func() bool {
		_, err := alice.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
		return err == nil
	})
}

// Feature gates are the process's: it may have started a server without.
func TestFeatureGatesThatConflictAreRefused(t *testing.T) {
	sharedCluster(t)
	plane, err := controlplane.Start(t.Context(), controlplane.Options{APIServerArgs: []string{"--feature-gates=CBORServingAndStorage=true"}}, kubernetes.All())
	if err == nil {
		_ = plane.Stop()
	}
	const want = "its first server has the defaults, so this one cannot have --feature-gates=CBORServingAndStorage=true"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, not %s", err, want)
	}
}

// gatesChild is the environment variable of the process in which TestEnvWithGates runs.
const gatesChild = "KUBERNETES_TEST_GATES"

// TestEnvWithGates is a test whose second control plane cannot start. It fails, so TestEnvHasGatesAndFlags runs it in a process of
// its own, which it needs for the gates as well.
func TestEnvWithGates(t *testing.T) {
	if os.Getenv(gatesChild) == "" {
		t.Skip("is run by TestEnvHasGatesAndFlags")
	}
	env := testenv.Options{
		FeatureGates:  map[string]bool{"CBORServingAndStorage": true},
		APIServerArgs: []string{"--enable-admission-plugins=AlwaysPullImages", "--disable-admission-plugins=ServiceAccount"},
	}.Start(t, kubernetes.All())
	c := newClients(t, "", env.Config())
	if gate := `kubernetes_feature_enabled{name="CBORServingAndStorage",stage="ALPHA"} 1`; strings.Contains(c.get("/metrics"), gate) {
		fmt.Println("the gate is on")
	}
	c.create("/api/v1/namespaces/default/pods", `{"metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"a","imagePullPolicy":"Never"}]}}`)
	pod, err := c.CoreV1().Pods("default").Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("images are pulled:", pod.Spec.Containers[0].ImagePullPolicy)
	testenv.Options{FeatureGates: map[string]bool{"CBORServingAndStorage": false}}.Start(t, kubernetes.All())
	fmt.Println("the second has started")
}

func TestEnvHasGatesAndFlags(t *testing.T) {
	t.Parallel()
	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnvWithGates$")
	test.Env = append(os.Environ(), gatesChild+"=1")
	out, err := test.CombinedOutput()
	for _, want := range []string{
		"the gate is on\n",
		"images are pulled: Always\n",
		"testenv_test.go:",
		"testenv: feature gates and emulated versions are the process's: its first server has --feature-gates=CBORServingAndStorage=true, " +
			"so this one cannot have --feature-gates=CBORServingAndStorage=false; start it in another process, such as a test package of its own\n",
	} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v, not %q:\n%s", err, want, out)
		}
	}
}

// startsChild is the environment variable of the process in which TestStartsLeaveNothingBehind starts and stops servers.
const startsChild = "KUBERNETES_TEST_STARTS"

// Of starts, hack/test-reliability.sh makes many.
var starts = flag.Int("starts", 5, "how many servers TestStartsLeaveNothingBehind starts")

// Servers of tests that have ended have left no file, no goroutine and no descriptor but those that upstream has one of in a process.
func TestStartsLeaveNothingBehind(t *testing.T) {
	if os.Getenv(startsChild) != "" {
		startAndStop(t)
		return
	}
	t.Parallel()
	temp, err := os.MkdirTemp("", "starts-") // not the test's own, for the path of a socket may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStartsLeaveNothingBehind$", "-starts="+strconv.Itoa(*starts))
	cmd.Env = append(os.Environ(), startsChild+"=1", "TMPDIR="+temp)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if files, err := os.ReadDir(temp); err != nil || len(files) > 0 {
		t.Errorf("files that are left: %v, %v", files, err)
	}
}

// startAndStop has a process of its own.
func startAndStop(t *testing.T) {
	files := 0
	for i := range *starts {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			testenv.Start(t, serve.Groups(), kubernetes.All())
			if i == 0 && runtime.GOOS != "windows" { // where TMPDIR is nothing
				if sockets, _ := filepath.Glob(filepath.Join(os.TempDir(), "kubecraft-*", "client.sock")); len(sockets) != 1 {
					t.Errorf("the sockets of the etcd API are %v", sockets)
				}
			}
		})
		if i == 0 {
			files = descriptors() // some are the process's, and stay
		}
	}
	if err := within(patience, func() bool { return len(left()) == 0 && descriptors() <= files }); err != nil {
		t.Errorf("%d descriptors, %d after the first start\n%s", descriptors(), files, strings.Join(left(), "\n\n"))
	}
}

// left are the stacks of goroutines that servers have left behind.
func left() []string {
	all := make([]byte, 64<<20)
	all = all[:runtime.Stack(all, true)]
	var found []string
	flushes := 0
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		switch {
		case strings.Contains(stack, "main.main()"), strings.Contains(stack, "created by testing.(*T).Run"), strings.Contains(stack, "created by os/signal."):
		// The log that /healthz checks, for all servers and for ever.
		case strings.Contains(stack, "created by k8s.io/apiserver/pkg/server/healthz.(*log).Check") && flushes == 0:
			flushes++
		default:
			found = append(found, stack)
		}
	}
	return found
}

// descriptors counts the process's open files; 0 on systems that do not say.
func descriptors() int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(open)
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		plane, err := controlplane.Start(context.Background(), controlplane.Options{}, kubernetes.All())
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := plane.Stop(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
