package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic/dynamicinformer"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/component-base/metrics/testutil"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"
	fwk "k8s.io/kube-scheduler/framework"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"

	"github.com/kubecraft/kubecraft/runtime/scheduler/decision"
	decisionv1 "github.com/kubecraft/kubecraft/runtime/scheduler/decision/v1"
)

// cluster is a scheduler over a client that only remembers.
type cluster struct {
	*testing.T
	client *fake.Clientset
	log    *decision.Log
}

// start runs a scheduler of a configuration until the test ends.
func start(t *testing.T, config string, plugins map[string]PluginFactory, objects ...runtime.Object) cluster {
	t.Helper()
	read, err := decode([]byte("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n" + config))
	if err != nil {
		t.Fatal(err)
	}
	own := frameworkruntime.Registry{}
	for name, factory := range plugins {
		own[name] = guard(factory)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := cluster{t, fake.NewClientset(objects...), decision.NewLog()}
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: c.client.EventsV1()})
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		t.Fatal(err)
	}
	factory := withoutEnded{informers.NewSharedInformerFactory(c.client, 0)}
	dynamic := dynamicinformer.NewDynamicSharedInformerFactory(dynamicfake.NewSimpleDynamicClient(runtime.NewScheme()), 0)
	s, err := component{loaded: loaded{KubeSchedulerConfiguration: read}, plugins: own, log: c.log}.scheduler(ctx, &rest.Config{}, c.client, factory, dynamic, broadcaster)
	if err != nil {
		t.Fatal(err)
	}
	factory.StartWithContext(ctx)
	factory.WaitForCacheSyncWithContext(ctx)
	if err := s.WaitForHandlersSync(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		broadcaster.Shutdown()
	})
	return c
}

// decisionOn waits for the decision on an attempt, POD.ATTEMPT, that is as is asked for.
func (c cluster) decisionOn(name string, asked func(*decisionv1.SchedulingDecision) bool) *decisionv1.SchedulingDecision {
	c.Helper()
	var found *decisionv1.SchedulingDecision
	err := wait.PollUntilContextTimeout(c.Context(), 2*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		d, err := c.log.Get("play", name)
		if err == nil {
			found = d
		}
		return err == nil && asked(d), nil
	})
	if err != nil {
		c.Fatalf("the decision %s is %+v", name, found)
	}
	return found
}

func (c cluster) create(pod *corev1.Pod) {
	c.Helper()
	if _, err := c.client.CoreV1().Pods(pod.Namespace).Create(c.Context(), pod, metav1.CreateOptions{}); err != nil {
		c.Fatal(err)
	}
}

func ended(*decisionv1.SchedulingDecision) bool { return true }

// node has 4 CPUs.
func node(name string) *corev1.Node {
	room := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourcePods: resource.MustParse("10")}
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"name": name}}, Status: corev1.NodeStatus{Capacity: room, Allocatable: room}}
}

func nodes(n int) []runtime.Object {
	var all []runtime.Object
	for i := range n {
		all = append(all, node(fmt.Sprintf("node-%d", i)))
	}
	return all
}

// pod asks for CPUs.
func pod(name, cpus string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "play", Name: name, UID: types.UID("uid-" + name)},
		Spec: corev1.PodSpec{SchedulerName: corev1.DefaultSchedulerName, Containers: []corev1.Container{{Name: "c", Image: "x",
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpus)}}}}},
	}
}

// pinned pods go to nodes by name, which is known before any node is looked at.
func pinned(p *corev1.Pod, nodes ...string) *corev1.Pod {
	p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{}}}
	for _, name := range nodes {
		of := p.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
		of.NodeSelectorTerms = append(of.NodeSelectorTerms, corev1.NodeSelectorTerm{
			MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{name}}}})
	}
	return p
}

// rejections are those of a decision as PLUGIN: REASON (COUNT: NODES).
func rejections(d *decisionv1.SchedulingDecision) []string {
	var all []string
	for _, r := range d.Rejections {
		all = append(all, fmt.Sprintf("%s: %s (%d: %s)", r.Plugin, r.Reason, r.Count, strings.Join(r.Nodes, " ")))
	}
	return all
}

func (c cluster) wantRejections(d *decisionv1.SchedulingDecision, want ...string) {
	c.Helper()
	if got := rejections(d); !slices.Equal(got, want) {
		c.Errorf("%s was turned down by\n\t%s\nnot\n\t%s", d.Name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestFiltersAreRecorded(t *testing.T) {
	t.Parallel()
	c := start(t, "", nil, nodes(3)...)
	picky := pod("picky", "1")
	picky.Spec.NodeSelector = map[string]string{"name": "node-1"}
	c.create(picky)
	d := c.decisionOn("picky.1", ended)
	if d.Result != decisionv1.Scheduled || d.Node != "node-1" || d.Evaluated != 3 || d.Feasible != 1 || d.First != nil || d.Preemption != nil {
		t.Errorf("%+v", d)
	}
	c.wantRejections(d, "NodeAffinity: node(s) didn't match Pod's node affinity/selector (2: node-0 node-2)")
	if want := []decisionv1.Candidate{{Node: "node-1"}}; !reflect.DeepEqual(d.Candidates, want) {
		t.Errorf("candidates are %+v", d.Candidates)
	}
	c.create(pod("huge", "5"))
	d = c.decisionOn("huge.1", ended)
	if d.Result != decisionv1.Unschedulable || d.Node != "" || d.Evaluated != 3 || d.Feasible != 0 || !strings.Contains(d.Message, "0/3 nodes are available") {
		t.Errorf("%+v", d)
	}
	c.wantRejections(d, "NodeResourcesFit: Insufficient cpu (3: node-0 node-1 node-2)")
	if d.Preemption == nil || !strings.Contains(d.Preemption.Message, "Preemption is not helpful") || len(d.Preemption.Victims) != 0 {
		t.Errorf("preemption: %+v", d.Preemption)
	}
}

// What a PreFilter says is of nodes that no filter sees.
func TestPreFiltersAreRecorded(t *testing.T) {
	t.Parallel()
	c := start(t, "", nil, nodes(3)...)
	c.create(pinned(pod("pinned", "1"), "node-1", "node-2"))
	d := c.decisionOn("pinned.1", ended)
	if d.Result != decisionv1.Scheduled || d.Evaluated != 2 || d.Feasible != 2 || len(d.Candidates) != 2 {
		t.Errorf("%+v", d)
	}
	c.wantRejections(d, "NodeAffinity: node(s) didn't satisfy plugin(s) [NodeAffinity] (1: node-0)")

	// A pod that a plugin rejects by itself.
	claiming := pod("claiming", "1")
	claiming.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "none"}}}}
	c.create(claiming)
	d = c.decisionOn("claiming.1", ended)
	if d.Result != decisionv1.Unschedulable || d.Evaluated != 0 {
		t.Errorf("%+v", d)
	}
	if len(d.Rejections) != 1 || d.Rejections[0].Count != 3 || !strings.HasPrefix(d.Rejections[0].Plugin, "Volume") ||
		!strings.Contains(d.Rejections[0].Reason, `persistentvolumeclaim "none" not found`) {
		t.Errorf("turned down by %q", rejections(d))
	}

	// One that asks for what excludes itself.
	nowhere := pinned(pod("nowhere", "1"), "node-1")
	term := &nowhere.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0]
	term.MatchFields = append(term.MatchFields, corev1.NodeSelectorRequirement{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"node-2"}})
	c.create(nowhere)
	d = c.decisionOn("nowhere.1", ended)
	if len(d.Rejections) != 1 || d.Rejections[0].Count != 3 || d.Rejections[0].Plugin != "NodeAffinity" {
		t.Errorf("turned down by %q", rejections(d))
	}
}

// An extender that turns down one node with a reason, and another one without, and likes a third.
func TestExtendersAreRecorded(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /filter", func(w http.ResponseWriter, r *http.Request) {
		var asked extenderv1.ExtenderArgs
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		left := slices.DeleteFunc(slices.Clone(*asked.NodeNames), func(name string) bool { return name == "node-0" || name == "node-1" })
		_ = json.NewEncoder(w).Encode(extenderv1.ExtenderFilterResult{NodeNames: &left, FailedNodes: extenderv1.FailedNodesMap{"node-0": "none there"}})
	})
	mux.HandleFunc("POST /prioritize", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(extenderv1.HostPriorityList{{Host: "node-3", Score: extenderv1.MaxExtenderPriority}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c := start(t, "extenders: [{urlPrefix: "+server.URL+", filterVerb: filter, prioritizeVerb: prioritize, weight: 100, nodeCacheCapable: true}]", nil, nodes(4)...)
	c.create(pod("free", "1"))
	d := c.decisionOn("free.1", ended)
	if d.Node != "node-3" || d.Evaluated != 4 || d.Feasible != 2 || len(d.Candidates) != 2 {
		t.Errorf("%+v", d)
	}
	silent := server.URL + ": the extender leaves it out and does not say why"
	c.wantRejections(d, server.URL+": none there (1: node-0)", silent+" (1: node-1)")
	if scores := d.Candidates[0].Scores; !slices.Contains(scores, decisionv1.Score{Plugin: server.URL, Weighted: 10_000}) {
		t.Errorf("the extender's score is not in %+v", scores)
	}
	// A node that is nominated is looked at twice, and counts once.
	nominated := pinned(pod("nominated", "1"), "node-0", "node-1")
	nominated.Status.NominatedNodeName = "node-0"
	c.create(nominated)
	d = c.decisionOn("nominated.1", ended)
	if d.Result != decisionv1.Unschedulable || d.Evaluated != 2 || d.Feasible != 0 || d.First == nil || *d.First != (decisionv1.First{Node: "node-0", Reason: decisionv1.Nominated}) {
		t.Errorf("%+v", d)
	}
	c.wantRejections(d, "NodeAffinity: node(s) didn't satisfy plugin(s) [NodeAffinity] (2: node-2 node-3)", server.URL+": none there (1: node-0)", silent+" (1: node-1)")
}

func TestPreemptionsAreRecorded(t *testing.T) {
	t.Parallel()
	low := pod("low", "3")
	low.Spec.NodeName = "node-1"
	c := start(t, "", nil, append(nodes(2), low)...)
	high := pod("high", "3")
	priority := int32(1000)
	high.Spec.Priority = &priority
	high.Spec.NodeSelector = map[string]string{"name": "node-1"}
	c.create(high)
	d := c.decisionOn("high.1", func(d *decisionv1.SchedulingDecision) bool {
		return d.Preemption != nil && len(d.Preemption.Victims) > 0
	})
	if d.Result != decisionv1.Unschedulable || d.NominatedNode != "node-1" || !slices.Equal(d.Preemption.Victims, []string{"play/low"}) ||
		!strings.Contains(d.Preemption.Message, "preempting 1 victims") {
		t.Errorf("%+v", d)
	}
	c.wantRejections(d, "NodeAffinity: node(s) didn't match Pod's node affinity/selector (1: node-0)", "NodeResourcesFit: Insufficient cpu (1: node-1)")
	d = c.decisionOn("high.2", ended)
	if d.Node != "node-1" || d.Preemption != nil {
		t.Errorf("%+v", d)
	}
}

// late is a plugin that is content with any node, and says no of the first one chosen: in Permit to the pod unpermitted, in PreBind to unbound.
type late struct{ asked map[string]bool }

func (late) Name() string { return "Late" }

func (l late) refuses(pod *corev1.Pod, name string, code fwk.Code) *fwk.Status {
	if pod.Name != name || l.asked[name] {
		return nil
	}
	l.asked[name] = true
	return fwk.NewStatus(code, "not there")
}

func (l late) Permit(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) (*fwk.Status, time.Duration) {
	return l.refuses(pod, "unpermitted", fwk.Unschedulable), 0
}

func (late) PreBindPreFlight(context.Context, fwk.CycleState, *corev1.Pod, string) (*fwk.PreBindPreFlightResult, *fwk.Status) {
	return &fwk.PreBindPreFlightResult{}, nil
}

func (l late) PreBind(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) *fwk.Status {
	return l.refuses(pod, "unbound", fwk.Error)
}

// What fails once a node is chosen is the end of the same attempt.
func TestLateFailuresAreRecorded(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]decisionv1.Result{"unpermitted": decisionv1.Unschedulable, "unbound": decisionv1.Failed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugins := map[string]PluginFactory{"Late": makes(late{map[string]bool{}})}
			c := start(t, "profiles: [{plugins: {multiPoint: {enabled: [{name: Late}]}}}]", plugins, nodes(2)...)
			c.create(pod(name, "1"))
			d := c.decisionOn(name+".1", func(d *decisionv1.SchedulingDecision) bool { return d.Result == result })
			if d.Node == "" || !strings.Contains(d.Message, "not there") || d.Evaluated != 2 || d.Feasible != 2 || len(d.Candidates) != 2 {
				t.Errorf("%+v", d)
			}
			if _, err := c.client.CoreV1().Nodes().Create(t.Context(), node("node-2"), metav1.CreateOptions{}); err != nil { // it is tried again
				t.Fatal(err)
			}
			if d := c.decisionOn(name+".2", ended); d.Result != decisionv1.Scheduled || d.Node == "" {
				t.Errorf("%+v", d)
			}
		})
	}
}

// Of pods alike, of which a node holds one, upstream scores nodes for the first and takes for the others what is left.
func TestHintsAreRecorded(t *testing.T) {
	t.Parallel()
	const n = 20
	objects := nodes(n)
	for i := range n {
		objects = append(objects, pod(fmt.Sprintf("alike-%d", i), "3"))
	}
	// With upstream's default constraints no pods are alike.
	c := start(t, "profiles: [{pluginConfig: [{name: PodTopologySpread, args: {defaultingType: List}}]}]", nil, objects...)
	hinted := 0
	for i := range n {
		d := c.decisionOn(fmt.Sprintf("alike-%d.1", i), ended)
		if d.Result != decisionv1.Scheduled {
			t.Errorf("%+v", d)
		}
		if d.First == nil {
			continue
		}
		hinted++
		if *d.First != (decisionv1.First{Node: d.Node, Reason: decisionv1.Hinted}) || d.Evaluated != 1 || d.Feasible != 1 || len(d.Candidates) != 1 {
			t.Errorf("%+v", d)
		}
	}
	if hinted == 0 { // the scores of one are good for half a second
		t.Error("none of them was given a hint")
	}
}

// Of a recorder that nobody reads from, what there is no room for is counted.
func TestWhatIsNotWrittenDownIsCounted(t *testing.T) {
	lost := func() float64 {
		t.Helper()
		n, err := testutil.GetCounterMetricValue(lostNotes())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	r := newRecorder(decision.NewLog())
	before := lost()
	for i := range maxWaiting {
		r.finish(&attempt{pod: pod(fmt.Sprintf("kept-%d", i), "1")})
	}
	if n := lost() - before; n != 0 {
		t.Errorf("%v are lost, with room for them", n)
	}
	r.finish(&attempt{pod: pod("lost", "1")})
	r.preempted(victim{"uid-lost", "play/low"})
	if n := lost() - before; n != 2 {
		t.Errorf("%v are lost, not 2", n)
	}
}
