//go:build !slim || plaintext

package lab

import "testing"

func TestPlaintextIsExact(t *testing.T) {
	ask(t, newTestService(t, nil), "/plaintext", "").expect(t, 200, TextPlain, "Hello, World!")
}
