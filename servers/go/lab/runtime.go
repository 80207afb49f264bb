package lab

import "runtime/metrics"

// runtimeReport is the body of GET /lab/runtime; the fields are the same in every language. The last three are
// null: Go has no such thing.
type runtimeReport struct {
	GCCycles        uint64   `json:"gc_cycles"`
	GCCPUSeconds    float64  `json:"gc_cpu_seconds"` // as of the last collection's end
	GCPauses        pauses   `json:"gc_pauses"`
	HeapLiveBytes   uint64   `json:"heap_live_bytes"` // as of the last collection's end
	HeapGoalBytes   uint64   `json:"heap_goal_bytes"`
	Goroutines      uint64   `json:"goroutines"`
	AsyncWorkers    *float64 `json:"async_workers"`
	BlockingThreads *float64 `json:"blocking_threads"`
	AliveTasks      *float64 `json:"alive_tasks"`
}

// pauses counts, for each range of seconds, how often all goroutines stood still for a collection.
type pauses struct {
	UpperSeconds []*float64 `json:"upper_seconds"` // the end of each range; the last is null, for infinity
	Counts       []uint64   `json:"counts"`
}

// report answers GET /lab/runtime.
func report() Answer {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/sched/pauses/total/gc:seconds"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/gc/heap/goal:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(samples)
	return object(runtimeReport{
		GCCycles:      samples[0].Value.Uint64(),
		GCCPUSeconds:  samples[1].Value.Float64(),
		GCPauses:      histogram(samples[2].Value.Float64Histogram()),
		HeapLiveBytes: samples[3].Value.Uint64(),
		HeapGoalBytes: samples[4].Value.Uint64(),
		Goroutines:    samples[5].Value.Uint64(),
	})
}

// histogram turns the boundaries of the runtime, one more than counts, into upper bounds. JSON has no infinity.
func histogram(from *metrics.Float64Histogram) pauses {
	told := pauses{UpperSeconds: make([]*float64, len(from.Counts)), Counts: from.Counts}
	for i := range len(from.Counts) - 1 {
		told.UpperSeconds[i] = &from.Buckets[i+1]
	}
	return told
}
