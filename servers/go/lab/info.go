package lab

import (
	"encoding/json"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

// info is the body of GET /lab/info; the fields are the same in every language, null where a language has no such thing.
type info struct {
	Server           string `json:"server"`
	Language         string `json:"language"`
	LanguageVersion  string `json:"language_version"`
	Framework        string `json:"framework"`
	FrameworkVersion string `json:"framework_version"`
	Parallelism      int    `json:"parallelism"` // threads the runtime chose before LAB_WORKERS had a say
	Workers          int    `json:"workers"`     // threads that run requests now
	Allocator        string `json:"allocator"`
	GogcPercent      *int64 `json:"gogc_percent"`     // null when GOGC=off
	GomemlimitBytes  *int64 `json:"gomemlimit_bytes"` // null when there is no limit
}

// Info is the body of GET /lab/info. The runtime moves GOMAXPROCS when the CPU limit moves, so workers
// and GC settings are read anew each time.
func (service *Service) Info() ([]byte, error) {
	settings := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(settings)
	return json.Marshal(info{
		Server:           service.program.Server,
		Language:         "go",
		LanguageVersion:  strings.TrimPrefix(runtime.Version(), "go"),
		Framework:        service.program.Framework,
		FrameworkVersion: moduleVersion(service.program.Module),
		Parallelism:      service.parallelism,
		Workers:          runtime.GOMAXPROCS(0),
		Allocator:        "go",
		GogcPercent:      bounded(settings[0].Value.Uint64(), math.MaxInt32),
		GomemlimitBytes:  bounded(settings[1].Value.Uint64(), math.MaxInt64-1),
	})
}

// bounded is nil for the huge values by which the runtime says "off".
func bounded(value uint64, most uint64) *int64 {
	if value > most {
		return nil
	}
	signed := int64(value)
	return &signed
}

func moduleVersion(path string) string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range build.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}
