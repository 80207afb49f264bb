//go:build !slim || json

package lab

import "testing"

func TestJSONIsExact(t *testing.T) {
	ask(t, newTestService(t, nil), "/json", "").expect(t, 200, ApplicationJSON, `{"message":"Hello, World!"}`)
}
