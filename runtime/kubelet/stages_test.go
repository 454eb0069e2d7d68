package kubelet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/utils/gotpl"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
	"sigs.k8s.io/yaml"
)

// What is wrong with a file of stages is said with the line that it is on, or else that the Stage begins at, before anything starts.
func TestBadStages(t *testing.T) {
	const good = "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Stage\nmetadata: {name: s}\nspec:\n  resourceRef: {kind: Pod}\n"
	const usage = "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: ClusterResourceUsage\nmetadata: {name: u}\nspec:\n  usages:\n  - usage:\n"
	for name, test := range map[string]struct{ text, want string }{
		"syntax":      {"a: [", ":1: did not find expected node content"},
		"its line":    {good + "  selector: {}\n  next: {delete: true}\n---\n# two\n" + good + "  selector:\n  - {\n", ":16: did not find"},
		"other kind":  {"# one\n\napiVersion: v1\nkind: Pod\n", ":1: v1 Pod is not of kwok.x-k8s.io/v1alpha1"},
		"no kind":     {strings.Replace(good, "kind: Pod", "", 1) + "  selector: {}\n", "spec.resourceRef.kind is missing"},
		"unknown":     {good + "  selektor: {}\n", `:6: stage s: unknown field "selektor"`},
		"in between":  {good + "  selector: {}\n bad: x\n  next: {delete: true}\n# more\n# more\n", ":7: did not find expected key"},
		"as another":  {good + "  selector: {}\n  next: {name: x}\n", `:1: stage s: unknown field "name"`},
		"of Windows":  {strings.ReplaceAll(good+"  selector: {}\n  next: {delete: true}\n---\n"+good, "\n", "\r\n"), ":9: stage s: spec.selector is missing"},
		"again":       {good + "  selector: {}\n  next: {delete: true}\n---\n" + good + "  selector: {}\n  selector: {}\n  next: {}\n  next: {}\n", `:15: stage s: key "selector" already set in map`},
		"twice":       {good + "  selector: {}\n  selector: {}\n", `:7: stage s: key "selector" already set in map`},
		"in a flow":   {good + "  selector: {}\n  next: {delete: true}\n---\n" + good + "  selector: {}\n  next: {delet: true}\n", `:15: stage s: unknown field "delet"`},
		"no selector": {good + "  next: {delete: true}\n", "spec.selector is missing, so that it selects nothing"},
		"nothing":     {good + "  selector: {}\n", "nothing would happen"},
		"expression": {good + "  selector: {matchExpressions: [{key: '.a | foo(', operator: Exists}]}\n  next: {delete: true}\n",
			":1: stage s: expression: "},
		"cel":               {good + "  selector: {matchExpressions: [{cel: {expression: 'self.nothing ('}}]}\n  next: {delete: true}\n", ":1: stage s: expression: "},
		"operator":          {good + "  selector: {matchExpressions: [{key: .a, operator: Near}]}\n  next: {delete: true}\n", `operator "Near" is not supported`},
		"template":          {good + "  selector: {}\n  next: {statusTemplate: '{{ Whatever }}'}\n", `step 1: template: _:1: function "Whatever" not defined`},
		"second":            {good + "  selector: {}\n  next: {delete: true}\n---\n" + good, ":9: stage s: spec.selector is missing"},
		"empty":             {"# nothing\n", "none of kwok's objects is in it"},
		"usage":             {usage + "      cpu: {expression: 'Quantity('}\n", ":1: ClusterResourceUsage u: usage.cpu: "},
		"no kind of kwok's": {"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Wish\n", ":1: kwok.x-k8s.io/v1alpha1 has no kind Wish"},
		"no log":            {"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Logs\nmetadata: {name: l}\nspec: {logs: [{}]}\n", ":1: Logs l: spec.logs[0].logsFile is missing"},
		"no attach":         {"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: ClusterAttach\nmetadata: {name: a}\nspec: {attaches: [{}]}\n", ":1: ClusterAttach a: spec.attaches[0].logsFile is missing"},
		"no exec":           {"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: Exec\nmetadata: {name: e}\nspec: {execs: [{containers: [a]}]}\n", ":1: Exec e: spec.execs[0].local is missing"},
		"no forward":        {"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: PortForward\nmetadata: {name: p}\nspec: {forwards: [{ports: [1]}]}\n", ":1: PortForward p: spec.forwards[0] has neither a target nor a command"},
		"no usage":          {usage + "      cpu: {}\n", ":1: ClusterResourceUsage u: usage.cpu has neither a value nor an expression"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "stages.yaml")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := load([]string{file})
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.HasPrefix(got, file) || !strings.Contains(got, test.want) || strings.ContainsAny(got, "\x00") {
				t.Errorf("error is\n%s\nwithout\n%s", got, test.want)
			}
		})
	}
	if _, err := load([]string{"/nowhere.yaml"}); err == nil || !strings.Contains(err.Error(), "/nowhere.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// kwok's own stages are read as they are published, and select what kwok's tests say.
func TestStagesOfKwok(t *testing.T) {
	root := filepath.Join(kwok(t), "kustomize", "stage")
	inputs, err := filepath.Glob(filepath.Join(root, "*", "*", "testdata", "*.input.yaml"))
	if err != nil || len(inputs) < 10 {
		t.Fatalf("%d inputs in %s: %v", len(inputs), root, err)
	}
	for _, input := range inputs {
		name, _ := filepath.Rel(root, strings.TrimSuffix(input, ".input.yaml"))
		t.Run(name, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join(filepath.Dir(input), "..", "*.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			files = slices.DeleteFunc(files, func(file string) bool {
				base := filepath.Base(file)
				return base == "kustomization.yaml" || base == "storage-class.yaml"
			})
			all, err := load(files)
			if err != nil {
				t.Fatal(err)
			}
			var u unstructured.Unstructured
			read(t, input, &u.Object)
			var of lifecycle.Lifecycle
			for _, s := range all.stages[u.GroupVersionKind()] {
				of = append(of, s.Stage)
			}
			possible, err := of.ListAllPossible(t.Context(), newEvent(typedObject(&u)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, stage := range possible {
				got = append(got, stage.Name())
			}
			var output struct{ Stages []struct{ Stage string } }
			read(t, strings.TrimSuffix(input, ".input.yaml")+".output.yaml", &output)
			var want []string
			for _, stage := range output.Stages {
				want = append(want, stage.Stage)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v can be played, kwok plays %v", got, want)
			}
		})
	}
}

// The built-in stages give patches for pods of all kinds.
func TestBuiltinStages(t *testing.T) {
	all, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	pod := func(edit func(*corev1.Pod)) *corev1.Pod {
		p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyAlways, Containers: []corev1.Container{{Name: "c", Image: "i"}}},
			Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Image: "i",
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}}}
		p.Name, p.Namespace, p.UID = "p", "n", "u"
		edit(p)
		return p
	}
	exits := func(p *corev1.Pod, code string) {
		p.Annotations = map[string]string{"kubecraft.io/exit-code": code, "kubecraft.io/run-duration": "3s"}
	}
	ready := func(p *corev1.Pod, status corev1.ConditionStatus) {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.ContainersReady, Status: status}, {Type: corev1.PodReady, Status: status}}
	}
	// A sidecar that runs, behind an init container that is done.
	sidecar := func(p *corev1.Pod) {
		p.Status.InitContainerStatuses = []corev1.ContainerStatus{
			{Name: "first", Image: "i", Ready: true, State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed"}}},
			{Name: "beside", Image: "i", ContainerID: "simulated://u/beside/0", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
		}
	}
	initEnded := func(code int) string {
		return fmt.Sprintf(`"name":"beside","ready":false,"restartCount":0,"started":false,"state":{"terminated":{"containerID":"simulated://u/beside/0","exitCode":%d,`, code)
	}
	for name, test := range map[string]struct {
		pod   *corev1.Pod
		stage string
		want  []string
	}{
		"pending": {pod(func(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} }), "pod-start", []string{`"phase":"Running"`, `"ready":true`}},
		"running": {pod(func(*corev1.Pod) {}), "", nil},
		"probed later": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{InitialDelaySeconds: 5}
		}), "pod-start", []string{`"ready":false`}},
		"started later": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.Containers[0].StartupProbe = &corev1.Probe{InitialDelaySeconds: 5}
		}), "pod-start", []string{`"ready":false,"restartCount":0,"started":false`}},
		"whose probes fail": {pod(func(p *corev1.Pod) {
			p.Annotations = map[string]string{"kubecraft.io/ready": "false"}
			p.Status.ContainerStatuses[0].Ready = true
			ready(p, corev1.ConditionTrue)
		}), "pod-ready", []string{`"ready":false`, `"reason":"ContainersNotReady","status":"False","type":"Ready"`}},
		"whose probes still fail": {pod(func(p *corev1.Pod) {
			p.Annotations = map[string]string{"kubecraft.io/ready": "false"}
			ready(p, corev1.ConditionFalse)
		}), "", nil},
		"whose gate is shut": {pod(func(p *corev1.Pod) {
			p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "open"}}
			p.Status.ContainerStatuses[0].Ready = true
			ready(p, corev1.ConditionTrue)
		}), "pod-ready", []string{`"reason":"ReadinessGatesNotReady","status":"False","type":"Ready"`}},
		"whose images cannot be pulled": {pod(func(p *corev1.Pod) {
			p.Annotations = map[string]string{"kubecraft.io/image-pull": "fail"}
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.InitContainers = []corev1.Container{{Name: "one", Image: "i"}, {Name: "two", Image: "i", Command: []string{"false"}}}
		}), "pod-image-pull", []string{`"state":{"waiting":{"message":"Back-off pulling image \"i\"","reason":"ImagePullBackOff"}}},{"image":"i","imageID":"","name":"two",`}},
		"with an image that there is not": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.Containers[0].Image = "nginx:404"
		}), "pod-image-pull", []string{"ImagePullBackOff"}},
		"whose images still cannot be pulled": {pod(func(p *corev1.Pod) {
			p.Annotations = map[string]string{"kubecraft.io/image-pull": "fail"}
			p.Status.Phase = corev1.PodPending
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
		}), "", nil},
		"of a job that fails": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			p.Spec.Containers[0].Command = []string{"/bin/sh", "-c", "exit 3"}
		}), "pod-command", []string{`"kubecraft.io/exit-code":"3"`, `"kubecraft.io/run-duration":"0s"`}},
		"of a job that takes time": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			p.Spec.Containers[0].Command, p.Spec.Containers[0].Args = []string{"sh", "-c"}, []string{"\n\tsleep 30;\n\texit 1\n"}
		}), "pod-command", []string{`"kubecraft.io/exit-code":"1"`, `"kubecraft.io/run-duration":"30s"`}},
		"of a job that is false": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			p.Spec.Containers[0].Command = []string{"/bin/false"}
		}), "pod-command", []string{`"kubecraft.io/exit-code":"1"`, `"kubecraft.io/run-duration":"0s"`}},
		"of a job that runs for ever": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			p.Spec.Containers[0].Image = "registry.k8s.io/pause:3.10"
		}), "pod-command", []string{`"kubecraft.io/exit-code":"0"`, `"kubecraft.io/run-duration":"31536000s"`}},
		"of a job that says more": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			p.Spec.Containers[0].Command = []string{"sh", "-c", "exit 1 || sleep 4"}
		}), "pod-start", nil},
		"that sleeps and is of no job": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.Containers[0].Command = []string{"sleep", "30"}
		}), "pod-start", nil},
		"of a job": {pod(func(p *corev1.Pod) {
			p.Spec.RestartPolicy = corev1.RestartPolicyNever
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
		}), "pod-complete", []string{`"phase":"Succeeded"`, `"exitCode":0`}},
		"whose init container fails": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.InitContainers = []corev1.Container{{Name: "good"}, {Name: "bad", Command: []string{"sh", "-c", "exit 3"}}, {Name: "next"}}
		}), "pod-init-fail", []string{`"phase":"Pending"`, `"lastState":{"terminated":{"containerID":"simulated://u/bad/0","exitCode":3,`, `"name":"bad","ready":false,"restartCount":0,`,
			`"imageID":"","name":"next","ready":false,"restartCount":0,"started":false,"state":{"waiting":{"reason":"PodInitializing"}}}`}},
		"whose init container has failed before": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, InitContainerStatuses: []corev1.ContainerStatus{{Name: "bad", RestartCount: 4,
				LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1}}}}}
			p.Spec.InitContainers = []corev1.Container{{Name: "bad", Command: []string{"/bin/false"}}}
		}), "pod-init-fail", []string{`"exitCode":1`, `"restartCount":5`}},
		"whose init container fails for good": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.RestartPolicy = corev1.RestartPolicyNever
			p.Spec.InitContainers = []corev1.Container{{Name: "bad", Command: []string{"false"}}}
		}), "pod-init-fail", []string{`"phase":"Failed"`, `"state":{"terminated":{"containerID":"simulated://u/bad/0","exitCode":1,`}},
		"whose init container exits well": {pod(func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending}
			p.Spec.InitContainers = []corev1.Container{{Name: "good", Command: []string{"sh", "-c", "exit 0"}}}
		}), "pod-start", nil},
		"of a job with a sidecar": {pod(func(p *corev1.Pod) {
			p.Spec.RestartPolicy = corev1.RestartPolicyNever
			p.OwnerReferences = append(p.OwnerReferences, ownedByJob())
			sidecar(p)
		}), "pod-complete", []string{`"phase":"Succeeded"`, initEnded(0)}},
		"with a sidecar, that a finalizer keeps": {pod(func(p *corev1.Pod) {
			sidecar(p)
			p.DeletionTimestamp, p.Finalizers = ptr.To(metav1.Now()), []string{"example.com/keep"}
		}), "pod-terminate", []string{`"phase":"Failed"`, initEnded(143)}},
		"fails":   {pod(func(p *corev1.Pod) { exits(p, "7"); p.Spec.RestartPolicy = corev1.RestartPolicyNever }), "pod-complete", []string{`"phase":"Failed"`, `"exitCode":7`, `"reason":"Error"`}},
		"crashes": {pod(func(p *corev1.Pod) { exits(p, "1") }), "pod-crash", []string{"CrashLoopBackOff", `"exitCode":1`}},
		"waits": {pod(func(p *corev1.Pod) {
			exits(p, "1")
			p.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
			p.Status.ContainerStatuses[0].RestartCount = 3
		}), "pod-restart", []string{`"restartCount":4`}},
	} {
		t.Run(name, func(t *testing.T) {
			var of lifecycle.Lifecycle
			for _, s := range all.stages[corev1.SchemeGroupVersion.WithKind("Pod")] {
				of = append(of, s.Stage)
			}
			stages, err := of.ListAllPossible(t.Context(), newEvent(test.pod))
			if err != nil {
				t.Fatal(err)
			}
			if test.stage == "" {
				if len(stages) != 0 {
					t.Errorf("%s would be played", stages[0].Name())
				}
				return
			}
			if len(stages) != 1 || stages[0].Name() != test.stage {
				t.Fatalf("stages are %v, want %s", stages, test.stage)
			}
			var patches []string
			functions := gotpl.FuncMap{}
			for name := range noFunctions() {
				functions[name] = func(...any) []string { return []string{"10.0.0.1"} }
			}
			_, err = stages[0].DoSteps(0, nil, test.pod, gotpl.NewRenderer(functions), func(*internalversion.StageEvent) error { return nil }, nil,
				func(patch *lifecycle.Patch) error { patches = append(patches, string(patch.Data)); return nil }, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if len(patches) != 1 || !strings.Contains(patches[0], want) {
					t.Errorf("no %s in %v", want, patches)
				}
			}
		})
	}
}

// A pod takes as long to end as its annotation says, and no longer than it is given.
func TestStopDuration(t *testing.T) {
	of := builtinStages(t, "Pod")
	for _, finalizers := range [][]string{nil, {"example.com/keep"}} {
		for said, want := range map[string]time.Duration{"": time.Second, "200ms": 200 * time.Millisecond, "1.5s": 1500 * time.Millisecond, "1m30s": 90 * time.Second, "1h": 100 * time.Second} {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: ptr.To(metav1.Now()), DeletionGracePeriodSeconds: ptr.To[int64](100), Finalizers: finalizers}}
			pod.Status.Phase = corev1.PodRunning
			if said != "" {
				pod.Annotations = map[string]string{"kubecraft.io/stop-duration": said}
			}
			event := newEvent(pod)
			stage, err := of.Match(t.Context(), event)
			if err != nil || stage == nil {
				t.Fatalf("stage is %v: %v", stage, err)
			}
			if got, _, err := stage.Delay(t.Context(), event, time.Now()); err != nil || got != want {
				t.Errorf("%q: %s waits %s (%v), want %s", said, stage.Name(), got, err, want)
			}
		}
	}
}

// Containers run and are probed from when they have started, whatever has changed since.
func TestTimesSinceTheStart(t *testing.T) {
	of := builtinStages(t, "Pod")
	now := time.Now().Truncate(time.Second)
	started := now.Add(-20 * time.Second)
	for name, test := range map[string]struct {
		ready       bool
		changed     time.Time // when it became ready, or has not been
		probedAfter int32
		stage       string
		want        time.Duration
	}{
		"ready at once":     {true, started, 0, "pod-crash", 90 * time.Second},
		"ready later":       {true, now.Add(-5 * time.Second), 0, "pod-crash", 70 * time.Second},
		"not yet probed":    {false, started, 30, "pod-ready", 10 * time.Second},
		"to be ready again": {false, now, 10, "pod-ready", -10 * time.Second},
	} {
		status := corev1.ConditionFalse
		if test.ready {
			status = corev1.ConditionTrue
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"kubecraft.io/run-duration": "1m30s"}},
			Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyAlways, Containers: []corev1.Container{{Name: "c", ReadinessProbe: &corev1.Probe{InitialDelaySeconds: test.probedAfter}}}},
			Status: corev1.PodStatus{Phase: corev1.PodRunning,
				Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: status, LastTransitionTime: metav1.NewTime(test.changed)}},
				ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Ready: test.ready, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(started)}}}}}}
		event := newEvent(pod)
		possible, err := of.ListAllPossible(t.Context(), event)
		if err != nil || len(possible) != 1 || possible[0].Name() != test.stage {
			t.Errorf("%s: %v can be played, not %s alone (%v)", name, possible, test.stage, err)
			continue
		}
		if got, _, err := possible[0].Delay(t.Context(), event, now); err != nil || got != test.want {
			t.Errorf("%s: %s waits %s (%v), want %s", name, test.stage, got, err, test.want)
		}
	}
}

// builtinStages are those of a kind of the core group.
func builtinStages(t *testing.T, kind string) (of lifecycle.Lifecycle) {
	t.Helper()
	all, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all.stages[corev1.SchemeGroupVersion.WithKind(kind)] {
		of = append(of, s.Stage)
	}
	return of
}

// What is advertised as a node's extended resource can be asked for, until it is not.
func TestExtendedResources(t *testing.T) {
	of := builtinStages(t, "Node")
	list := func(names ...corev1.ResourceName) corev1.ResourceList {
		list := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4")}
		for _, name := range names {
			list[name] = resource.MustParse("2")
		}
		return list
	}
	for name, test := range map[string]struct {
		capacity, allocatable corev1.ResourceList
		stage, want           string
	}{
		"no others": {list(), list(), "node-heartbeat", ""},
		"the same":  {list("example.com/a"), list("example.com/a"), "node-heartbeat", ""},
		"one more":  {list("example.com/a", "example.com/b"), list("example.com/a"), "node-extended-resources", `{"status":{"allocatable":{"example.com/b":"2"}}}`},
		"one less":  {list(), list("example.com/a"), "node-extended-resources", `{"status":{"allocatable":{"example.com/a":null}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{Status: corev1.NodeStatus{Capacity: test.capacity, Allocatable: test.allocatable,
				Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}}}
			stages, err := of.ListAllPossible(t.Context(), newEvent(node))
			if err != nil || len(stages) != 1 || stages[0].Name() != test.stage {
				t.Fatalf("stages are %v, %v, want %s", stages, err, test.stage)
			}
			if test.want == "" {
				return
			}
			_, err = stages[0].DoSteps(0, nil, node, gotpl.NewRenderer(nil), nil, nil, func(patch *lifecycle.Patch) error {
				if got := string(patch.Data); got != test.want {
					t.Errorf("the patch is %s, want %s", got, test.want)
				}
				return nil
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// kwok is the folder of kwok's module.
func kwok(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// typedObject returns an object as a player has it.
func typedObject(u *unstructured.Unstructured) object {
	of := exampleOf(u.GroupVersionKind())
	if _, ok := of.(*unstructured.Unstructured); ok {
		return u
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, of); err != nil {
		return u // times of kwok's are placeholders
	}
	return of
}
