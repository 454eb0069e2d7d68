package kubelet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	kwokmetrics "sigs.k8s.io/kwok/pkg/kwok/metrics"
	"sigs.k8s.io/kwok/pkg/log"
)

const (
	// metricsPath begins the paths of Metrics, as of kwok's.
	metricsPath = "/metrics"
	// nodeParameter is what kwok's paths have for the name of a node.
	nodeParameter = "nodeName"
)

// metric is one of kwok's Metrics: what nodes answer with at a path.
type metric struct {
	*internalversion.Metric
	// where is the file and the line that it is from.
	where string
}

// scrapes answers for the metrics of nodes: what kwok's Metrics say, and at a kubelet's own paths what the kubelet says of its pods.
type scrapes struct {
	metrics     []metric
	source      *measured
	expressions *kwokmetrics.Environment
	used        cumulated

	mu sync.Mutex
	// handlers are those of a metric and a node. Each keeps what it has counted.
	handlers map[scraped]*kwokmetrics.UpdateHandler
}

type scraped struct{ path, node string }

// newScrapes says what is wrong with the metrics before any is asked for.
func newScrapes(metrics []metric, source *measured) (*scrapes, error) {
	s := &scrapes{metrics: metrics, source: source, handlers: map[scraped]*kwokmetrics.UpdateHandler{}}
	var err error
	s.expressions, err = kwokmetrics.NewEnvironment(kwokmetrics.EnvironmentConfig{
		Now:                              time.Now,
		StartedContainersTotal:           source.startedContainers,
		ContainerResourceUsage:           source.containerUsage,
		PodResourceUsage:                 source.podUsage,
		NodeResourceUsage:                source.nodeUsage,
		ContainerResourceCumulativeUsage: s.containerTotal,
		PodResourceCumulativeUsage:       s.podTotal,
		NodeResourceCumulativeUsage:      s.nodeTotal,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, m := range metrics {
		if err := s.check(m); err != nil {
			return nil, fmt.Errorf("%s: Metric %s: %w", m.where, m.Name, err)
		}
		if err := handle(mux, m.Spec.Path, http.NotFound); err != nil {
			return nil, fmt.Errorf("%s: Metric %s: spec.path %s: %w", m.where, m.Name, m.Spec.Path, err)
		}
	}
	return s, nil
}

func (s *scrapes) check(m metric) error {
	if m.Spec.Path != metricsPath && !strings.HasPrefix(m.Spec.Path, metricsPath+"/") {
		return fmt.Errorf("spec.path %q does not start with %s/", m.Spec.Path, metricsPath)
	}
	for i, config := range m.Spec.Metrics {
		switch config.Kind {
		case internalversion.KindCounter, internalversion.KindGauge, internalversion.KindHistogram:
		default:
			return fmt.Errorf("spec.metrics[%d] %s: kind %q is none of counter, gauge and histogram", i, config.Name, config.Kind)
		}
		switch config.Dimension {
		case internalversion.DimensionNode, internalversion.DimensionPod, internalversion.DimensionContainer:
		default:
			return fmt.Errorf("spec.metrics[%d] %s: dimension %q is none of node, pod and container", i, config.Name, config.Dimension)
		}
		expressions := map[string]string{}
		if config.Kind != internalversion.KindHistogram { // which has its values in buckets
			expressions["value"] = config.Value
		}
		for _, label := range config.Labels {
			expressions["label "+label.Name] = label.Value
		}
		for _, bucket := range config.Buckets {
			expressions[fmt.Sprintf("bucket %v", bucket.Le)] = bucket.Value
		}
		for _, what := range slices.Sorted(maps.Keys(expressions)) {
			if _, err := s.expressions.Compile(expressions[what]); err != nil {
				return fmt.Errorf("spec.metrics[%d] %s: %s: %s", i, config.Name, what, oneLine(err.Error()))
			}
		}
	}
	return nil
}

// registeredAt is what net/http says of its caller's source.
var registeredAt = regexp.MustCompile(` \(registered at [^)]*\)`)

// oneLine is a message of several lines, such as a drawing of where an expression is wrong, in one.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// handle is mux.HandleFunc with an error for a pattern that is none, or that another one is at odds with.
func handle(mux *http.ServeMux, path string, handler http.HandlerFunc) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errors.New(registeredAt.ReplaceAllString(oneLine(fmt.Sprint(cause)), ""))
		}
	}()
	mux.HandleFunc("GET "+path, handler)
	return nil
}

// register serves the metrics. Requests without a node's name in their path are for the node whose kubelet they are sent to.
func (s *scrapes) register(mux *http.ServeMux, nodeOf func(*http.Request) *corev1.Node) {
	own := map[string]func(*corev1.Node) prometheus.Collector{metricsPath: s.ofKubelet, metricsPath + "/resource": s.ofResources}
	for _, m := range s.metrics {
		delete(own, m.Spec.Path)
		// newScrapes has found nothing wrong with it.
		_ = handle(mux, m.Spec.Path, func(w http.ResponseWriter, req *http.Request) { s.serve(w, req, m, nodeOf(req)) })
	}
	for path, collect := range own {
		_ = handle(mux, path, func(w http.ResponseWriter, req *http.Request) {
			node := nodeOf(req)
			if node == nil {
				http.Error(w, "there is no such node", http.StatusNotFound)
				return
			}
			registry := prometheus.NewRegistry()
			registry.MustRegister(collect(node))
			promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, req)
		})
	}
}

// serve answers with one of kwok's Metrics. Its node is that in the path, or that of its own name, as in kwok, or that which is asked.
func (s *scrapes) serve(w http.ResponseWriter, req *http.Request, m metric, asked *corev1.Node) {
	node := asked
	if name := req.PathValue(nodeParameter); name != "" {
		node = s.source.Node(name)
	} else if named := s.source.Node(m.Name); named != nil {
		node = named
	}
	if node == nil {
		http.Error(w, "there is no such node", http.StatusNotFound)
		return
	}
	s.updated(req.Context(), m, node).ServeHTTP(w, req)
}

// updated returns the handler of a metric and a node with what there is now.
func (s *scrapes) updated(ctx context.Context, m metric, node *corev1.Node) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.handlers {
		if s.source.Node(key.node) == nil {
			delete(s.handlers, key)
		}
	}
	key := scraped{m.Spec.Path, node.Name}
	handler := s.handlers[key]
	if handler == nil {
		handler = kwokmetrics.NewMetricsUpdateHandler(kwokmetrics.UpdateHandlerConfig{
			Environment: s.expressions, DataSource: podsOf{s.source},
			NodeCacheGetter: nodeGetter{s.source}, PodCacheGetter: podGetter{s.source},
		})
		s.handlers[key] = handler
	}
	handler.Update(ctx, node.Name, m.Spec.Metrics)
	return handler
}

// collector is what a scrape finds.
type collector func(chan<- prometheus.Metric)

// Describe implements prometheus.Collector: what is found is not known before.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(found chan<- prometheus.Metric) { c(found) }

func gauge(found chan<- prometheus.Metric, name, help string, value float64, labels ...string) {
	constant(found, prometheus.GaugeValue, name, help, value, labels)
}

func counter(found chan<- prometheus.Metric, name, help string, value float64, labels ...string) {
	constant(found, prometheus.CounterValue, name, help, value, labels)
}

// constant sends a metric; labels are names and values in turn.
func constant(found chan<- prometheus.Metric, kind prometheus.ValueType, name, help string, value float64, labels []string) {
	of := prometheus.Labels{}
	for i := 0; i < len(labels); i += 2 {
		of[labels[i]] = labels[i+1]
	}
	found <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, of), kind, value)
}

// ofKubelet are those of a kubelet's own metrics that are about its pods (k8s.io/kubernetes/pkg/kubelet/metrics/metrics.go).
func (s *scrapes) ofKubelet(node *corev1.Node) prometheus.Collector {
	return collector(func(found chan<- prometheus.Metric) {
		pods, containers := s.source.Pods(node.Name), 0
		for _, pod := range pods {
			for _, status := range pod.Status.ContainerStatuses {
				if status.State.Running != nil {
					containers++
				}
			}
		}
		gauge(found, "kubelet_node_name", "[ALPHA] The node's name. The count is always 1.", 1, "node", node.Name)
		gauge(found, "kubelet_running_pods", "[ALPHA] Number of pods that have a running pod sandbox", float64(len(pods)))
		gauge(found, "kubelet_running_containers", "[ALPHA] Number of containers currently running", float64(containers), "container_state", "running")
		counter(found, "kubelet_started_containers_total", "[ALPHA] Cumulative number of containers started", float64(s.source.startedContainers(node.Name)), "container_type", "container")
	})
}

// ofResources are a kubelet's metrics of what is used (k8s.io/kubernetes/pkg/kubelet/metrics/collectors/resource_metrics.go).
func (s *scrapes) ofResources(node *corev1.Node) prometheus.Collector {
	return collector(func(found chan<- prometheus.Metric) {
		for _, pod := range s.source.Pods(node.Name) {
			of := []string{"namespace", pod.Namespace, "pod", pod.Name}
			for _, container := range pod.Spec.Containers {
				labels := append([]string{"container", container.Name}, of...)
				counter(found, "container_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the container in core-seconds", s.containerTotal("cpu", pod.Namespace, pod.Name, container.Name), labels...)
				gauge(found, "container_memory_working_set_bytes", "[STABLE] Current working set of the container in bytes", s.source.containerUsage("memory", pod.Namespace, pod.Name, container.Name), labels...)
				if since := startOf(pod, container.Name); !since.IsZero() {
					gauge(found, "container_start_time_seconds", "[STABLE] Start time of the container since unix epoch in seconds", float64(since.UnixNano())/1e9, labels...)
				}
			}
			counter(found, "pod_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the pod in core-seconds", s.podTotal("cpu", pod.Namespace, pod.Name), of...)
			gauge(found, "pod_memory_working_set_bytes", "[STABLE] Current working set of the pod in bytes", s.source.podUsage("memory", pod.Namespace, pod.Name), of...)
		}
		counter(found, "node_cpu_usage_seconds_total", "[STABLE] Cumulative cpu time consumed by the node in core-seconds", s.nodeTotal("cpu", node.Name))
		gauge(found, "node_memory_working_set_bytes", "[STABLE] Current working set of the node in bytes", s.source.nodeUsage("memory", node.Name))
		gauge(found, "resource_scrape_error", "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise", 0)
	})
}

// startOf is when a container of a pod began to run, zero if it does not.
func startOf(pod *corev1.Pod, container string) time.Time {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == container && status.State.Running != nil {
			return status.State.Running.StartedAt.Time
		}
	}
	return time.Time{}
}

// containerTotal is what a container has used since it started.
func (s *scrapes) containerTotal(resource, namespace, pod, container string) float64 {
	of := s.source.Pod(namespace, pod)
	if of == nil {
		return 0
	}
	start := startOf(of, container)
	return s.used.add(fmt.Sprintf("%s/%s/%d/%s", of.UID, container, start.UnixNano(), resource), start, s.source.containerUsage(resource, namespace, pod, container))
}

func (s *scrapes) podTotal(resource, namespace, pod string) float64 {
	total := 0.0
	if of := s.source.Pod(namespace, pod); of != nil {
		for _, container := range of.Spec.Containers {
			total += s.containerTotal(resource, namespace, pod, container.Name)
		}
	}
	return total
}

// nodeTotal is what a node has used since it was asked about first; what pods have used that are gone is in it.
func (s *scrapes) nodeTotal(resource, node string) float64 {
	of := s.source.Node(node)
	if of == nil {
		return 0
	}
	return s.used.add(string(of.UID)+"/"+resource, time.Time{}, s.source.nodeUsage(resource, node))
}

// lately is how long what has been used is remembered that nobody asks about.
const lately = 10 * time.Minute

// cumulated adds up what is used.
type cumulated struct {
	mu      sync.Mutex
	amounts map[string]*amount
	// swept is when those went last that nobody asks about.
	swept time.Time
}

type amount struct {
	total float64
	until time.Time
}

// add returns what has been used until now by what uses so much a second: at first since it began, or nothing if that is not known.
func (c *cumulated) add(name string, since time.Time, rate float64) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.swept) > lately {
		c.swept = now
		for name, of := range c.amounts {
			if now.Sub(of.until) > lately {
				delete(c.amounts, name)
			}
		}
	}
	of := c.amounts[name]
	if of == nil {
		if since.IsZero() || since.After(now) {
			since = now
		}
		if c.amounts == nil {
			c.amounts = map[string]*amount{}
		}
		of = &amount{until: since}
		c.amounts[name] = of
	}
	of.total += now.Sub(of.until).Seconds() * rate
	of.until = now
	return of.total
}

// startedContainers is how many containers of a node have been started, those of the pods that it has.
func (m *measured) startedContainers(node string) int64 {
	var started int64
	for _, pod := range m.Pods(node) {
		for _, status := range pod.Status.ContainerStatuses {
			if status.State.Running != nil || status.State.Terminated != nil {
				started++
			}
			started += int64(status.RestartCount)
		}
	}
	return started
}

func (m *measured) containerUsage(resource, namespace, pod, container string) float64 {
	of := m.Pod(namespace, pod)
	if of == nil {
		return 0
	}
	for i := range of.Spec.Containers {
		if of.Spec.Containers[i].Name == container {
			usage := m.Usage(of, &of.Spec.Containers[i])[corev1.ResourceName(resource)]
			return usage.AsApproximateFloat64()
		}
	}
	return 0
}

func (m *measured) podUsage(resource, namespace, pod string) float64 {
	total := 0.0
	if of := m.Pod(namespace, pod); of != nil {
		for _, container := range of.Spec.Containers {
			total += m.containerUsage(resource, namespace, pod, container.Name)
		}
	}
	return total
}

func (m *measured) nodeUsage(resource, node string) float64 {
	total := 0.0
	for _, pod := range m.Pods(node) {
		total += m.podUsage(resource, pod.Namespace, pod.Name)
	}
	return total
}

// podsOf implements kwokmetrics.DataSource.
type podsOf struct{ *measured }

func (p podsOf) ListPods(node string) ([]log.ObjectRef, bool) {
	var refs []log.ObjectRef
	for _, pod := range p.Pods(node) {
		refs = append(refs, log.KRef(pod.Namespace, pod.Name))
	}
	return refs, true
}

// nodeGetter and podGetter implement sigs.k8s.io/kwok/pkg/utils/informer.Getter.
type (
	nodeGetter struct{ *measured }
	podGetter  struct{ *measured }
)

func (g nodeGetter) Get(name string) (*corev1.Node, bool) {
	node := g.Node(name)
	return node, node != nil
}

func (g nodeGetter) GetWithNamespace(name, _ string) (*corev1.Node, bool) { return g.Get(name) }

func (g nodeGetter) List() []*corev1.Node { return g.Nodes() }

func (g podGetter) Get(string) (*corev1.Pod, bool) { return nil, false }

func (g podGetter) GetWithNamespace(name, namespace string) (*corev1.Pod, bool) {
	pod := g.Pod(namespace, name)
	return pod, pod != nil
}

func (g podGetter) List() []*corev1.Pod { return g.Pods("") }
