package lab

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
)

func told(t *testing.T, answer Answer) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(answer.Body, &fields); err != nil || answer.Status != 200 || answer.ContentType != ApplicationJSON {
		t.Fatalf("%d %s: %v", answer.Status, answer.Body, err)
	}
	return fields
}

func TestInfoIsWhole(t *testing.T) {
	got := told(t, ask(t, newTestService(t, map[string]string{"LAB_PRIME": "once", "LAB_SONYFLAKE": "async"}), "/lab/info", ""))
	version := regexp.MustCompile(`^\d+\.\d+\.\d+\S*$`)
	for _, name := range []string{"language_version", "framework_version"} {
		if text, ok := got[name].(string); !ok || !version.MatchString(text) {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	for name, want := range map[string]any{
		"server": "go-test", "language": "go", "framework": "test", "allocator": "go", "json": codecName,
		"json_fallback": nil, "profile": "stripped", "prime": "once", "prime_on": "inline", "kv": "rwlock",
		"sonyflake": "async", "parallelism": float64(runtime.GOMAXPROCS(0)), "workers": float64(runtime.GOMAXPROCS(0)),
	} {
		if value, set := got[name]; !set || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
	if in, ok := got["workloads"].([]any); !ok || len(in) != len(makers) {
		t.Errorf("workloads are %v", got["workloads"])
	}
	if len(got) != 18 {
		t.Errorf("%d fields: %v", len(got), slices.Sorted(maps.Keys(got)))
	}
}

func TestRuntimeCountsCollections(t *testing.T) {
	service := newTestService(t, nil)
	before := told(t, ask(t, service, "/lab/runtime", ""))
	runtime.GC()
	after := told(t, ask(t, service, "/lab/runtime", ""))
	if len(after) != 9 {
		t.Errorf("%d fields: %v", len(after), slices.Sorted(maps.Keys(after)))
	}
	if after["gc_cycles"].(float64) <= before["gc_cycles"].(float64) {
		t.Errorf("cycles from %v to %v", before["gc_cycles"], after["gc_cycles"])
	}
	for _, name := range []string{"gc_cpu_seconds", "heap_live_bytes", "heap_goal_bytes", "goroutines"} {
		if value, ok := after[name].(float64); !ok || value <= 0 {
			t.Errorf("%s is %v", name, after[name])
		}
	}
	for _, name := range []string{"async_workers", "blocking_threads", "alive_tasks"} {
		if value, set := after[name]; !set || value != nil {
			t.Errorf("%s is %v", name, value)
		}
	}
	pauses := after["gc_pauses"].(map[string]any)
	upper, counts := pauses["upper_seconds"].([]any), pauses["counts"].([]any)
	if len(upper) != len(counts) || upper[0] == nil || upper[len(upper)-1] != nil {
		t.Errorf("%d bounds from %v to %v, %d counts", len(upper), upper[0], upper[len(upper)-1], len(counts))
	}
}

func TestHistogramHasUpperBounds(t *testing.T) {
	got := histogram(&metrics.Float64Histogram{Counts: []uint64{3, 0, 1}, Buckets: []float64{math.Inf(-1), 0.5, 2, math.Inf(1)}})
	if *got.UpperSeconds[0] != 0.5 || *got.UpperSeconds[1] != 2 || got.UpperSeconds[2] != nil || !slices.Equal(got.Counts, []uint64{3, 0, 1}) {
		t.Errorf("%+v", got)
	}
}
