package api

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// requests counts what the access log tells. Its labels are bounded by the route table.
type requests struct {
	took *prometheus.HistogramVec
}

func newRequests() *requests {
	return &requests{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rtsp_viewer_http_request_seconds",
		Help:    "Time taken by HTTP requests; a WebSocket or an event stream counts until its end.",
		Buckets: []float64{.001, .005, .02, .1, .5, 2.5, 10, 60},
	}, []string{"method", "route", "status"})}
}

func (r *requests) observe(method, route string, status int, took time.Duration) {
	r.took.WithLabelValues(methodName(method), route, statusText(status)).Observe(took.Seconds())
}

// sample is one figure of a source at the moment of a scrape.
type sample struct {
	name, help string
	kind       prometheus.ValueType
	value      float64
	labels     prometheus.Labels
}

func gauge(name, help string, v float64) sample {
	return sample{name: "rtsp_viewer_" + name, help: help, kind: prometheus.GaugeValue, value: v}
}

func counter(name, help string, v float64) sample {
	return sample{name: "rtsp_viewer_" + name + "_total", help: help, kind: prometheus.CounterValue, value: v}
}

func (s sample) of(label, value string) sample {
	s.labels = prometheus.Labels{label: value}
	return s
}

// source turns one Stats() into samples, read together so that they agree with each other.
type source func() []sample

// Describe sends nothing: the names are known only with the samples (an unchecked collector).
func (s source) Describe(chan<- *prometheus.Desc) {}

// Collect satisfies prometheus.Collector.
func (s source) Collect(to chan<- prometheus.Metric) {
	for _, m := range s() {
		to <- prometheus.MustNewConstMetric(prometheus.NewDesc(m.name, m.help, nil, m.labels), m.kind, m.value)
	}
}

// metricsHandler makes the page of metrics over a registry of its own.
func metricsHandler(version string, r *requests, sources ...source) http.Handler {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "rtsp_viewer_build_info", Help: "Always 1; the label says which version runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build, r.took)
	for _, s := range sources {
		registry.MustRegister(s)
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
