package lab

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

// Profile is how this program was compiled: default, stripped or tuned. The linker sets it.
var Profile = "stripped"

// info is the body of GET /lab/info; the fields are the same in every language, null where a language has no such thing.
type info struct {
	Server           string   `json:"server"`
	Language         string   `json:"language"`
	LanguageVersion  string   `json:"language_version"`
	Framework        string   `json:"framework"`
	FrameworkVersion string   `json:"framework_version"`
	Parallelism      int      `json:"parallelism"` // threads the runtime chose before LAB_WORKERS had a say
	Workers          int      `json:"workers"`     // threads that run requests now
	Allocator        string   `json:"allocator"`
	GogcPercent      *int64   `json:"gogc_percent"`     // null when GOGC=off
	GomemlimitBytes  *int64   `json:"gomemlimit_bytes"` // null when there is no limit
	JSON             string   `json:"json"`
	JSONFallback     *string  `json:"json_fallback"` // null when the codec does its own work
	Profile          string   `json:"profile"`
	Workloads        []string `json:"workloads"`
	Prime            string   `json:"prime"`
	PrimeOn          string   `json:"prime_on"`
	KV               string   `json:"kv"`
	Sonyflake        string   `json:"sonyflake"`
}

// info answers GET /lab/info. The runtime moves GOMAXPROCS when the CPU limit moves, so workers and GC settings are
// read anew each time.
func (service *Service) info() Answer {
	gc := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(gc)
	told := info{
		Server:           service.program.Server,
		Language:         "go",
		LanguageVersion:  goVersion(),
		Framework:        service.program.Framework,
		FrameworkVersion: frameworkVersion(service.program.Module),
		Parallelism:      service.parallelism,
		Workers:          runtime.GOMAXPROCS(0),
		Allocator:        "go",
		GogcPercent:      bounded(gc[0].Value.Uint64(), math.MaxInt32),
		GomemlimitBytes:  bounded(gc[1].Value.Uint64(), math.MaxInt64-1),
		JSON:             codecName,
		JSONFallback:     codecFallback(),
		Profile:          Profile,
		Workloads:        compiledIn(),
		Prime:            service.settings.Prime,
		PrimeOn:          service.settings.PrimeOn,
		KV:               service.settings.KV,
		Sonyflake:        service.settings.Sonyflake,
	}
	if library := service.program.Library; library != nil {
		told.Language += "+" + library.Language
		told.LanguageVersion += "+" + library.Version
		told.Allocator += "+" + library.Allocator
		told.JSON += "+" + library.JSON
	}
	return object(told)
}

// bounded is nil for the huge values by which the runtime says "off".
func bounded(value uint64, most uint64) *int64 {
	if value > most {
		return nil
	}
	signed := int64(value)
	return &signed
}

// goVersion leaves out the experiments that the program was built with: go1.26.8-X:jsonv2 is Go 1.26.8.
func goVersion() string {
	version, _, _ := strings.Cut(runtime.Version(), "-X:")
	return strings.TrimPrefix(version, "go")
}

// frameworkVersion is that of the module at path; what comes with Go has Go's own.
func frameworkVersion(path string) string {
	if path == "" {
		return goVersion()
	}
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
