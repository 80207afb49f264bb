package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// result is the line that a run prints; the fields are the same in every language.
type result struct {
	Kernel          string  `json:"kernel"`
	Language        string  `json:"language"`
	LanguageVersion string  `json:"language_version"`
	Algorithm       string  `json:"algorithm"`
	Variant         string  `json:"variant"`
	Cores           string  `json:"cores"`
	Threads         int     `json:"threads"`
	N               int     `json:"n"`
	Mode            *string `json:"mode"`
	Checksum        string  `json:"checksum"`
	WallSeconds     float64 `json:"wall_seconds"`
	CPUSeconds      float64 `json:"cpu_seconds"`
	Allocations     uint64  `json:"allocations"`
	AllocatedBytes  uint64  `json:"allocated_bytes"`
	SIMD            any     `json:"simd"`
}

// measure runs a request. Making the input and hashing the output are not the job, so they are outside its time.
func measure(asked request) (result, error) {
	job, err := asked.row.program(asked.job)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", asked.kernel.name, err)
	}
	runtime.GC() // what making the input left behind is not the job's to collect
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := cpuSeconds()
	if err != nil {
		return result{}, err
	}
	begin := time.Now()
	made := job()
	wall := time.Since(begin)
	ended, err := cpuSeconds()
	if err != nil {
		return result{}, err
	}
	runtime.ReadMemStats(&after)
	return result{
		Kernel:          asked.kernel.name,
		Language:        "go",
		LanguageVersion: strings.TrimPrefix(runtime.Version(), "go"),
		Algorithm:       asked.row.algorithm,
		Variant:         asked.row.variant,
		Cores:           asked.cores,
		Threads:         asked.job.threads,
		N:               asked.job.n,
		Mode:            asked.row.modeOrNull(),
		Checksum:        made.checksum(),
		WallSeconds:     wall.Seconds(),
		CPUSeconds:      ended - cpu,
		Allocations:     after.Mallocs - before.Mallocs,
		AllocatedBytes:  after.TotalAlloc - before.TotalAlloc,
		SIMD:            asked.row.simdOrFalse(),
	}, nil
}

// cpuSeconds is the user and system time of the whole process, so that the collector's threads count.
func cpuSeconds() (float64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds(), nil
}

func (o output) checksum() string {
	if o.text != "" {
		return o.text
	}
	data := o.bytes
	for _, value := range o.floats {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(value))
	}
	return hexSHA256(data)
}

func hexSHA256(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
