// Command cadvisor serves the container metrics of the cAdvisor library in the Prometheus format.
//
// The official image wraps the same library in a larger program whose module is not published, so it can be had
// only from a container registry. This one takes the flags that the lab's bench gives to either of them, and answers
// /metrics?type=docker&max_age=0s (a fresh reading of every container, taken at the scrape) and /healthz. It has no
// web pages, no REST API and no reader of the kernel log: container_oom_events_total is absent.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/google/cadvisor/container/docker/install" // container names, images and labels
	"github.com/google/cadvisor/lib/cache/memory"
	"github.com/google/cadvisor/lib/container"
	"github.com/google/cadvisor/lib/manager"
	"github.com/google/cadvisor/lib/metrics"
	"github.com/google/cadvisor/lib/model"
	"github.com/google/cadvisor/lib/utils/sysfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
)

const shutdownSeconds = 2

type options struct {
	listenIP, endpoint, labels string
	port, maxProcs             int
	storeLabels                bool
	storageDuration            time.Duration
	metrics                    container.MetricSet
}

func parseFlags() options {
	o := options{metrics: container.MetricSet{}}
	flag.StringVar(&o.listenIP, "listen_ip", "", "IP to listen on, all by default")
	flag.IntVar(&o.port, "port", 8080, "port to listen on")
	flag.IntVar(&o.maxProcs, "max_procs", 0, "CPUs to use at the same time; less than 1 means all")
	flag.StringVar(&o.endpoint, "prometheus_endpoint", "/metrics", "path of the metrics")
	flag.BoolVar(&o.storeLabels, "store_container_labels", true, "every container label becomes a metric label")
	flag.StringVar(&o.labels, "whitelisted_container_labels", "",
		"comma separated container labels that become metric labels when store_container_labels=false")
	flag.DurationVar(&o.storageDuration, "storage_duration", 2*time.Minute, "how long readings stay in memory")
	flag.Var(&o.metrics, "enable_metrics", "comma separated kinds of metrics: "+container.AllMetrics.String())
	klog.InitFlags(nil)
	flag.Parse()
	if len(o.metrics) == 0 {
		_ = o.metrics.Set("cpu,memory,network,diskIO,pressure")
	}
	if o.maxProcs > 0 {
		runtime.GOMAXPROCS(o.maxProcs)
	}
	return o
}

// requested reads what a scrape asks for: type=docker|name, max_age=<duration>.
func requested(r *http.Request) (model.RequestOptions, error) {
	ask := model.RequestOptions{IdType: model.TypeName, Count: 1, Recursive: true}
	switch kind := r.URL.Query().Get("type"); kind {
	case "", model.TypeName:
	case model.TypeDocker:
		ask.IdType = model.TypeDocker
	default:
		return ask, fmt.Errorf("type %q: use %s or %s", kind, model.TypeName, model.TypeDocker)
	}
	if text := r.URL.Query().Get("max_age"); text != "" {
		age, err := time.ParseDuration(text)
		if err != nil {
			return ask, fmt.Errorf("max_age %q: use a duration like 0s or 500ms", text)
		}
		ask.MaxAge = &age
	}
	return ask, nil
}

func metricsHandler(m manager.Manager, o options) http.Handler {
	labels := metrics.DefaultContainerLabels
	if !o.storeLabels {
		labels = metrics.BaseContainerLabels(strings.Split(o.labels, ","))
	}
	own := prometheus.NewRegistry()
	own.MustRegister(
		metrics.NewPrometheusMachineCollector(m, o.metrics),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := requested(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		containers := prometheus.NewRegistry()
		containers.MustRegister(metrics.NewPrometheusCollector(m, labels, o.metrics, clock.RealClock{}, ask))
		promhttp.HandlerFor(prometheus.Gatherers{own, containers},
			promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}).ServeHTTP(w, r)
	})
}

func run() error {
	o := parseFlags()
	none := []string{""} // the library looks at the first element without asking whether there is one
	m, err := manager.New(memory.New(o.storageDuration, nil), sysfs.NewRealSysFs(), manager.HousekeepingConfigFlags,
		o.metrics, none, none, "", 0)
	if err != nil {
		return fmt.Errorf("cannot read the containers of this host: %w", err)
	}
	if err := m.Start(); err != nil {
		return fmt.Errorf("cannot watch the containers of this host: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(o.endpoint, metricsHandler(m, o))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	server := &http.Server{Addr: net.JoinHostPort(o.listenIP, strconv.Itoa(o.port)), Handler: mux,
		ReadHeaderTimeout: 10 * time.Second}

	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err = <-failed:
	case <-stop.Done():
		bounded, cancel := context.WithTimeout(context.Background(), shutdownSeconds*time.Second)
		defer cancel()
		err = server.Shutdown(bounded)
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, m.Stop())
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "cadvisor:", err)
		os.Exit(1)
	}
}
