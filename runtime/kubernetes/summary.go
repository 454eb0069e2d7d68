package kubernetes

import (
	"encoding/json"
	"net/http"
	"slices"

	dto "github.com/prometheus/client_model/go"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-base/metrics/legacyregistry"
)

// SummaryPath is where a server says in a few lines what there is and what is done: kubecraft monitor asks there.
const SummaryPath = "/kubecraft/summary"

// Summary is what it says, as JSON.
type Summary struct {
	// Nodes are all of them, and those whose condition Ready is True.
	Nodes struct {
		Total int `json:"total"`
		Ready int `json:"ready"`
	} `json:"nodes"`
	// Pods are how many there are of each phase; those that are being deleted are Terminating whatever their phase is.
	Pods map[string]int `json:"pods"`
	// Unscheduled are the pods that have no node.
	Unscheduled int `json:"unscheduled"`
	// What follows is of all servers in the process together, as its metrics are.

	// Scheduler is how many pods are in each of the scheduler's queues.
	Scheduler map[string]float64 `json:"scheduler"`
	// Attempts are those to schedule a pod since the start, by their result.
	Attempts map[string]float64 `json:"attempts"`
	// Queues are the queues of controllers that are not empty, by their name.
	Queues map[string]float64 `json:"queues"`
	// Requests since the start: those that read, and those that write. Renewals of simulated nodes' leases are not among them.
	Requests struct {
		Read  float64 `json:"read"`
		Write float64 `json:"write"`
	} `json:"requests"`
}

const terminating = "Terminating"

// serveSummary answers with a Summary.
func (s *server) serveSummary(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "only GET is answered here", http.StatusMethodNotAllowed)
		return
	}
	summary, err := s.summary()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(summary) // the client has gone
}

func (s *server) summary() (*Summary, error) {
	summary := &Summary{Pods: map[string]int{}, Scheduler: map[string]float64{}, Attempts: map[string]float64{}, Queues: map[string]float64{}}
	core := s.essential.Informers.Core().V1()
	for _, of := range core.Nodes().Informer().GetStore().List() {
		summary.Nodes.Total++
		if slices.ContainsFunc(of.(*corev1.Node).Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		}) {
			summary.Nodes.Ready++
		}
	}
	for _, of := range core.Pods().Informer().GetStore().List() {
		pod := of.(*corev1.Pod)
		if pod.DeletionTimestamp != nil {
			summary.Pods[terminating]++
		} else {
			summary.Pods[string(pod.Status.Phase)]++
		}
		if pod.Spec.NodeName == "" {
			summary.Unscheduled++
		}
	}
	families, err := legacyregistry.DefaultGatherer.Gather()
	if err != nil {
		return nil, err
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			summary.add(family.GetName(), metric)
		}
	}
	return summary, nil
}

// add adds what a metric tells.
func (s *Summary) add(name string, metric *dto.Metric) {
	switch name {
	case "scheduler_pending_pods":
		s.Scheduler[label(metric, "queue")] += metric.GetGauge().GetValue()
	case "scheduler_schedule_attempts_total":
		s.Attempts[label(metric, "result")] += metric.GetCounter().GetValue()
	case "workqueue_depth":
		if depth := metric.GetGauge().GetValue(); depth > 0 {
			s.Queues[label(metric, "name")] += depth
		}
	case "apiserver_request_total":
		switch label(metric, "verb") {
		case "GET", "LIST", "WATCH", "WATCHLIST":
			s.Requests.Read += metric.GetCounter().GetValue()
		case "POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION":
			s.Requests.Write += metric.GetCounter().GetValue()
		}
	}
}

func label(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
