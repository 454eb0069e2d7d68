package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientinformers "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	fwk "k8s.io/kube-scheduler/framework"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
)

func TestWhatIsWrongWithAConfigurationHasAPlace(t *testing.T) {
	const head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
	for name, is := range map[string]struct{ content, want string }{
		"syntax":          {head + "profiles:\n- schedulerName: a\n  plugins: {\n", "FILE:5: did not find expected"},
		"a field twice":   {head + "parallelism: 4\nparallelism: 5\n", "FILE:4: key \"parallelism\" already set in map"},
		"no such field":   {head + "profiles:\n- schedulerName: a\n  plugin: {}\n", `FILE:5: unknown field "profiles[0].plugin"`},
		"a wrong type":    {head + "leaderElection: {}\nparallelism: many\n", "FILE:4: json: cannot unmarshal string"},
		"a bad value":     {head + "parallelism: -1\n", "FILE:3: parallelism: Invalid value: -1"},
		"a bad field":     {head + "profiles:\n- schedulerName: a\n- schedulerName: b\n  percentageOfNodesToScore: 101\n", "FILE:6: profiles[1].percentageOfNodesToScore: Invalid value: 101"},
		"no such plugin":  {head + "profiles:\n- plugins:\n    filter:\n      enabled:\n      - name: Nope\n", `FILE:7: profile "default-scheduler" enables the plugin "Nope"`},
		"at a placement":  {head + "profiles:\n- plugins: {placementScore: {enabled: [{name: Nope}]}}\n", `FILE:4: profile "default-scheduler" enables the plugin "Nope"`},
		"generates":       {head + "profiles:\n- plugins: {placementGenerate: {enabled: [{name: Nope}]}}\n", `FILE:4: profile "default-scheduler" enables the plugin "Nope"`},
		"of groups":       {head + "profiles:\n- plugins: {podGroupPostFilter: {enabled: [{name: Nope}]}}\n", `FILE:4: profile "default-scheduler" enables the plugin "Nope"`},
		"another version": {"apiVersion: kubescheduler.config.k8s.io/v9\nkind: KubeSchedulerConfiguration\n", `FILE:1: no kind "KubeSchedulerConfiguration" is registered for version "kubescheduler.config.k8s.io/v9"; there is KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1`},
		"no version":      {"kind: KubeSchedulerConfiguration\n", `FILE: Object 'apiVersion' is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "scheduler.yaml")
			if err := os.WriteFile(file, []byte(is.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := (&Part{ConfigFiles: []string{file}}).Apply(&controlplane.Config{})
			want := "scheduler configuration " + strings.Replace(is.want, "FILE", file, 1)
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v\nnot %s", err, want)
			}
		})
	}
}

func TestAProfileIsInOneConfiguration(t *testing.T) {
	var files []string
	for _, name := range []string{"one.yaml", "two.yaml"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- plugins: {}\n  schedulerName: mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	err := (&Part{ConfigFiles: files}).Apply(&controlplane.Config{})
	want := fmt.Sprintf(`scheduler configuration %s:5: profile "mine" is in %s:5 too`, files[1], files[0])
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v\nnot %s", err, want)
	}
}

// What arguments a plugin takes only the plugin knows.
func TestBadArgumentsNameTheFileAndThePlugin(t *testing.T) {
	content := []byte(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: fine
  plugins: {preEnqueue: {enabled: [{name: Gate}]}}
  pluginConfig: [{name: Gate, args: {height: 3}}]
- schedulerName: wrong
  plugins: {preEnqueue: {enabled: [{name: Gate}]}}
  pluginConfig:
  - name: Gate
    args: {heigth: 3}
`)
	read, err := decode(content)
	if err != nil {
		t.Fatal(err)
	}
	own := frameworkruntime.Registry{"Gate": guard(func(_ context.Context, args runtime.Object, _ fwk.Handle) (fwk.Plugin, error) {
		var into struct {
			Height int `json:"height"`
		}
		return gate{}, DecodeArgs(args, &into)
	})}
	client := fake.NewClientset()
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	defer broadcaster.Shutdown()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = component{loaded: loaded{read, "gate.yaml", content}, plugins: own}.scheduler(ctx, &rest.Config{}, client, clientinformers.NewSharedInformerFactory(client, 0), nil, broadcaster)
	if err == nil {
		t.Fatal("the arguments are taken")
	}
	for _, want := range []string{"scheduler configuration gate.yaml:11: ", `initializing plugin "Gate"`, `unknown field "heigth"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nhas no %s", err, want)
		}
	}
}
