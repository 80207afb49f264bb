//go:build !slim || wait

package lab

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestItWaitsAsLongAsItTells(t *testing.T) {
	for path, want := range map[string]struct {
		body string
		took time.Duration
	}{
		"/wait/0":     {`{"waited_milliseconds":0}`, 0},
		"/wait/50":    {`{"waited_milliseconds":50}`, 50 * time.Millisecond},
		"/wait/10000": {`{"waited_milliseconds":10000}`, 10 * time.Second},
	} {
		service := newTestService(t, nil)
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			ask(t, service, path, "").expect(t, 200, ApplicationJSON, want.body)
			if took := time.Since(began); took != want.took {
				t.Errorf("%s took %v", path, took)
			}
		})
	}
}

func TestAnotherTimeIsRefused(t *testing.T) {
	service := newTestService(t, nil)
	for _, wrong := range []string{"10001", "-1", "+1", "x", "1s", "0x1", "1_0", "%31", "18446744073709551617"} {
		ask(t, service, "/wait/"+wrong, "").
			expect(t, 400, ApplicationJSON, `{"error":"ms: want a whole number from 0 to 10000"}`)
	}
}
