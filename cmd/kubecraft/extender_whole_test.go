//go:build whole

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"
)

// extender NODE BEST runs a scheduler extender, at $EXTENDER, that turns down one node and prefers another one.
func extender(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: extender NODE BEST")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /filter", func(w http.ResponseWriter, r *http.Request) {
		var asked extenderv1.ExtenderArgs
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		good := slices.DeleteFunc(slices.Clone(*asked.NodeNames), func(name string) bool { return name == args[0] })
		answer := extenderv1.ExtenderFilterResult{NodeNames: &good, FailedNodes: extenderv1.FailedNodesMap{}}
		if len(good) < len(*asked.NodeNames) {
			answer.FailedNodes[args[0]] = "the extender wants none there"
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	mux.HandleFunc("POST /prioritize", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(extenderv1.HostPriorityList{{Host: args[1], Score: extenderv1.MaxExtenderPriority}})
	})
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv("EXTENDER", server.URL)
}
