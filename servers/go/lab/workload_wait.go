//go:build !slim || wait

package lab

import "time"

func init() {
	register("wait", func(Program, Settings) (Route, error) {
		return Route{Method: "GET", Path: "/wait/", HasParam: true, Answer: wait}, nil
	})
}

const waitMost = 10_000 // milliseconds

type waited struct {
	Milliseconds int `json:"waited_milliseconds"`
}

// wait parks the goroutine on the runtime's timers; no thread stands still meanwhile.
func wait(request Request) Answer {
	milliseconds, ok := wholeNumber(request.Param, 0, waitMost)
	if !ok {
		return wrong(400, "ms: want a whole number from 0 to 10000")
	}
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	return object(waited{milliseconds})
}
