package lab

import "runtime"

// Service is what answers. There is one in a process: a second one would repeat the first one's ids.
type Service struct {
	program     Program
	settings    Settings
	parallelism int // threads the runtime chose before LAB_WORKERS had a say
	routes      []Route
}

// NewService makes what the workloads need. It fails on a setting that only a workload can judge, or on a clock
// that is before the epoch of the ids.
func NewService(program Program, settings Settings) (*Service, error) {
	service := &Service{program: program, settings: settings, parallelism: runtime.GOMAXPROCS(0)}
	for _, name := range compiledIn() {
		route, err := makers[name](program, settings)
		if err != nil {
			return nil, err
		}
		service.routes = append(service.routes, route)
	}
	service.routes = append(service.routes,
		Route{Method: "GET", Path: "/healthz", Answer: func(Request) Answer { return text(healthy) }},
		Route{Method: "GET", Path: "/lab/info", Answer: func(Request) Answer { return service.info() }},
		Route{Method: "GET", Path: "/lab/runtime", Answer: func(Request) Answer { return report() }},
	)
	return service, nil
}

var healthy = []byte("ok")

// Routes are all that the server answers; another path is NotFound.
func (service *Service) Routes() []Route { return service.routes }
