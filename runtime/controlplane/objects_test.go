package controlplane_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/kube-openapi/pkg/common"

	"github.com/kubecraft/kubecraft/runtime/controlplane"
	"github.com/kubecraft/kubecraft/runtime/internal/toys/serve"
)

func TestObjects(t *testing.T) {
	_, c := start(t, "")

	t.Run("create, get, update, delete", func(t *testing.T) {
		made := c.must("POST", robots, robot("a", "model: x"))
		if made.Code != http.StatusCreated || made.Spec.Replicas != 1 || made.Metadata.Generation != 1 {
			t.Errorf("created: %s", made.Text)
		}
		c.refused(409, `robots.toys.example.com "a" already exists`, "POST", robots, robot("a", ""))
		changed := c.must("PUT", robots+"/a", robot("a", "model: w", "resourceVersion: \""+made.Metadata.ResourceVersion+"\""))
		if changed.Spec.Model != "w" || changed.Metadata.Generation != 2 {
			t.Errorf("updated: %s", changed.Text)
		}
		c.refused(409, "the object has been modified", "PUT", robots+"/a", robot("a", "model: v", "resourceVersion: \""+made.Metadata.ResourceVersion+"\""))
		c.refused(409, "the UID in the precondition", "DELETE", robots+"/a", "{preconditions: {uid: other}}")
		c.must("DELETE", robots+"/a", "{preconditions: {uid: "+made.Metadata.UID+"}}")
		c.refused(404, `robots.toys.example.com "a" not found`, "GET", robots+"/a", "")
	})

	t.Run("any namespace", func(t *testing.T) {
		c.must("POST", strings.Replace(robots, "default", "nowhere", 1), "{apiVersion: toys.example.com/v1, kind: Robot, metadata: {generateName: r-}}")
		list := c.must("GET", "/apis/toys.example.com/v1/robots?fieldSelector=metadata.namespace%3Dnowhere", "")
		if len(list.Items) != 1 || !strings.HasPrefix(list.Items[0].Metadata.Name, "r-") {
			t.Errorf("listed: %s", list.Text)
		}
	})

	t.Run("patches", func(t *testing.T) {
		c.must("POST", robots, robot("p", "model: x", "labels: {a: b}"))
		c.must("PATCH", robots+"/p", `{"spec":{"model":"merged"}}`, "Content-Type", "application/merge-patch+json")
		got := c.must("PATCH", robots+"/p", `[{"op":"test","path":"/spec/model","value":"merged"},{"op":"replace","path":"/spec/model","value":"patched"}]`, "Content-Type", "application/json-patch+json")
		if got.Spec.Model != "patched" || got.Metadata.Generation != 3 {
			t.Errorf("patched: %s", got.Text)
		}
		c.refused(422, "", "PATCH", robots+"/p", `[{"op":"test","path":"/spec/model","value":"else"}]`, "Content-Type", "application/json-patch+json")
	})

	t.Run("dry run changes nothing", func(t *testing.T) {
		c.must("POST", robots+"?dryRun=All", robot("dry", ""))
		c.refused(404, "", "GET", robots+"/dry", "")
		c.must("POST", robots, robot("wet", "model: x"))
		c.must("DELETE", robots+"/wet?dryRun=All", "")
		c.must("PATCH", robots+"/wet?dryRun=All", `{"spec":{"model":"y"}}`, "Content-Type", "application/merge-patch+json")
		if got := c.must("GET", robots+"/wet", ""); got.Spec.Model != "x" {
			t.Errorf("changed: %s", got.Text)
		}
	})

	t.Run("finalizers", func(t *testing.T) {
		c.must("POST", robots, robot("f", "", "finalizers: [example.com/hold]"))
		if got := c.must("DELETE", robots+"/f", ""); got.Metadata.DeletionTimestamp == "" {
			t.Errorf("deleted: %s", got.Text)
		}
		c.must("PATCH", robots+"/f", `{"metadata":{"finalizers":null}}`, "Content-Type", "application/merge-patch+json")
		c.refused(404, "", "GET", robots+"/f", "")
	})

	t.Run("deletion does not wait for a garbage collector that is not there", func(t *testing.T) {
		for _, policy := range []string{"Foreground", "Orphan", "Background"} {
			c.must("POST", robots, robot("gc", ""))
			c.must("DELETE", robots+"/gc", "{propagationPolicy: "+policy+"}")
			c.refused(404, "", "GET", robots+"/gc", "")
		}
	})

	t.Run("bad objects", func(t *testing.T) {
		c.refused(400, `unknown field "spec.nope"`, "POST", robots+"?fieldValidation=Strict", robot("b", "nope: 1"))
		c.refused(400, "cannot unmarshal number into Go struct field RobotSpec.spec.model of type string", "POST", robots, robot("b", "model: 3"))
		c.refused(422, `Robot.toys.example.com "b" is invalid: spec.replicas: Invalid value: -2`, "POST", robots, robot("b", "replicas: -2"))
		c.refused(422, "metadata.name: Invalid value", "POST", robots, robot("B_", ""))
		c.refused(400, "", "POST", robots, "{")
		c.refused(404, "the server could not find the requested resource", "GET", "/apis/toys.example.com/v1/namespaces/default/cars", "")
		if got := c.must("POST", robots+"?fieldValidation=Warn", robot("warned", "nope: 1")); !slices.ContainsFunc(got.Warnings, func(w string) bool { return strings.Contains(w, "spec.nope") }) {
			t.Errorf("warnings: %q", got.Warnings)
		}
	})
}

func TestListsAndTables(t *testing.T) {
	_, c := start(t, "")
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		c.must("POST", robots, robot(name, "replicas: 3, model: m-"+name, "labels: {first: \""+name+"\", all: every}"))
	}

	t.Run("pages", func(t *testing.T) {
		var names []string
		for next, pages := "", 0; ; pages++ {
			page := c.must("GET", robots+"?limit=2&continue="+next, "")
			for _, item := range page.Items {
				names = append(names, item.Metadata.Name)
			}
			if next = page.Metadata.Continue; next == "" {
				if strings.Join(names, "") != "abcde" || pages != 2 {
					t.Errorf("%v in %d pages", names, pages+1)
				}
				return
			}
		}
	})

	t.Run("selectors", func(t *testing.T) {
		for query, want := range map[string]int{
			"labelSelector=first%3Db": 1, "labelSelector=all%3Devery": 5, "labelSelector=first+in+(a,c)": 2,
			"fieldSelector=metadata.name%3Dd": 1, "fieldSelector=metadata.namespace%3Delse": 0,
		} {
			if got := c.must("GET", robots+"?"+query, ""); len(got.Items) != want {
				t.Errorf("%s: %d, want %d", query, len(got.Items), want)
			}
		}
		c.refused(400, "spec.model", "GET", robots+"?fieldSelector=spec.model%3Dx", "")
	})

	t.Run("table", func(t *testing.T) {
		table := c.must("GET", robots+"?limit=1", "", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
		var columns []string
		for _, column := range table.ColumnDefinitions {
			columns = append(columns, column.Name)
		}
		if got := strings.Join(columns, " "); got != "Name Replicas Phase Model Age" || table.ColumnDefinitions[3].Priority != 1 {
			t.Errorf("columns: %s", got)
		}
		cells := table.Rows[0].Cells
		if len(table.Rows) != 1 || cells[0] != "a" || cells[1] != 3.0 || cells[2] != nil || cells[3] != "m-a" {
			t.Errorf("rows: %v", table.Rows)
		}
	})

	t.Run("collections are deleted by selector", func(t *testing.T) {
		c.must("DELETE", robots+"?labelSelector=first+in+(a,b)", "")
		if left := c.must("GET", robots, ""); len(left.Items) != 3 {
			t.Errorf("left: %s", left.Text)
		}
		c.must("DELETE", robots, "")
		if left := c.must("GET", robots, ""); len(left.Items) != 0 {
			t.Errorf("left: %s", left.Text)
		}
	})
}

func TestApplyStatusAndScale(t *testing.T) {
	_, c := start(t, "")
	apply := []string{"Content-Type", "application/apply-patch+yaml"}

	c.must("PATCH", robots+"/a?fieldManager=one", robot("a", "model: x"), apply...)
	c.refused(409, `conflict with "one": .spec.model`, "PATCH", robots+"/a?fieldManager=two", robot("a", "model: why"), apply...)
	c.must("PATCH", robots+"/a?fieldManager=two&force=true", robot("a", "model: why"), apply...)

	// The resource's writes leave the status alone, and the other way round.
	merge := []string{"Content-Type", "application/merge-patch+json"}
	c.must("PATCH", robots+"/a", `{"status":{"phase":"Lost"}}`, merge...)
	c.must("PATCH", robots+"/a/status", `{"spec":{"model":"lost"},"status":{"phase":"Up","replicas":2}}`, merge...)
	got := c.must("GET", robots+"/a", "")
	if got.Spec.Model != "why" || !strings.Contains(got.Text, `"status":{"phase":"Up","replicas":2}`) || got.Metadata.Generation != 2 {
		t.Errorf("after status: %s", got.Text)
	}

	scale := c.must("GET", robots+"/a/scale", "")
	if !strings.Contains(scale.Text, `"apiVersion":"autoscaling/v1"`) || scale.Spec.Replicas != 1 || !strings.Contains(scale.Text, `"selector":"robot=a"`) {
		t.Errorf("scale: %s", scale.Text)
	}
	body := func(replicas string) string {
		return "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: a}, spec: {replicas: " + replicas + "}}"
	}
	c.must("PUT", robots+"/a/scale", body("4"))
	c.must("PATCH", robots+"/a/scale", `{"spec":{"replicas":5}}`, merge...)
	c.must("PATCH", robots+"/a/scale?fieldManager=autoscaler&force=true", body("6"), apply...)
	c.refused(409, "UID", "PUT", robots+"/a/scale", strings.Replace(body("7"), "name: a", "name: a, uid: of-another", 1))
	c.refused(409, "UID", "PATCH", robots+"/a/scale", `{"metadata":{"uid":"of-another"},"spec":{"replicas":7}}`, merge...)
	c.must("PUT", robots+"/a/scale", strings.Replace(body("6"), "name: a", "name: a, uid: "+scale.Metadata.UID, 1))
	c.refused(422, "must be greater than or equal to 0", "PUT", robots+"/a/scale", body("-1"))
	c.refused(404, "", "PUT", robots+"/none/scale", strings.Replace(body("1"), "name: a", "name: none", 1))
	c.refused(409, `conflict with "autoscaler" with subresource "scale": .spec.replicas`, "PATCH", robots+"/a?fieldManager=one", robot("a", "replicas: 9"), apply...)
	if got := c.must("GET", robots+"/a", ""); got.Spec.Replicas != 6 || got.Metadata.Generation != 5 {
		t.Errorf("scaled: %s", got.Text)
	}
}

func TestADocumentThatCannotBeBuilt(t *testing.T) {
	var refuse atomic.Bool
	_, c := start(t, "", serve.Groups(), controlplane.Groups{OpenAPI: func(common.ReferenceCallback) map[string]common.OpenAPIDefinition {
		if refuse.Load() {
			panic("no words")
		}
		return nil
	}})
	refuse.Store(true)
	for range 2 {
		if got := c.do("GET", "/openapi/v2", ""); got.Code != 500 || !strings.Contains(got.Text, "no words") {
			t.Errorf("got %d %s", got.Code, got.Text)
		}
	}
}

func TestDiscoveryAndDocuments(t *testing.T) {
	_, c := start(t, "")
	for path, want := range map[string]string{
		"/version":                             `"gitVersion":"v1.37.2"`,
		"/apis":                                `"name":"toys.example.com"`,
		"/apis/toys.example.com/v1":            `"shortNames":["rb"]`,
		"/openapi/v2":                          `"com.example.toys.v1.Robot"`,
		"/openapi/v3":                          `"apis/toys.example.com/v1"`,
		"/openapi/v3/apis/toys.example.com/v1": `"io.k8s.api.autoscaling.v1.Scale"`,
		"/readyz":                              "ok",
		"/livez":                               "ok",
		"/healthz":                             "ok",
		"/metrics":                             "apiserver_request_total",
	} {
		got := c.must("GET", path, "", "Accept", "application/json, */*")
		if text := strings.Join(strings.Fields(got.Text), ""); !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %.300s", path, want, text)
		}
	}
	got := c.must("GET", "/apis", "", "Accept", "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList")
	if !strings.Contains(got.Text, `"APIGroupDiscoveryList"`) || !strings.Contains(got.Text, `"subresource":"scale"`) {
		t.Errorf("aggregated discovery: %s", got.Text)
	}
}

// Types that have no protobuf are not offered in it: upstream's own controllers would rather have it than JSON.
func TestClientsThatWouldRatherHaveProtobufGetJSON(t *testing.T) {
	_, c := start(t, t.TempDir())
	c.must("POST", robots, robot("a", ""))
	const rather = "application/vnd.kubernetes.protobuf, application/json"
	for _, method := range []string{"GET", "DELETE"} {
		if got := c.must(method, robots, "", "Accept", rather); len(got.Items) != 1 {
			t.Errorf("%s: %s", method, got.Text)
		}
	}
	if got := c.do("GET", robots, "", "Accept", "application/vnd.kubernetes.protobuf"); got.Code != 406 {
		t.Errorf("protobuf alone: %d %s", got.Code, got.Text)
	}
}
