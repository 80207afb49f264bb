//go:build json_sonic

package lab

import (
	"runtime"

	"github.com/bytedance/sonic"
)

const codecName = "sonic"

// codecFallback tells why sonic does not do the work itself: it compiles code at run time for the versions of Go
// and the processors that it knows, and on others it quietly calls encoding/json.
func codecFallback() *string {
	if sonic.APIKind == sonic.UseSonicJSON {
		return nil
	}
	why := "sonic does not know " + runtime.Version() + " on " + runtime.GOARCH + ": encoding/json does the work"
	return &why
}

func encode(value any) ([]byte, error) { return sonic.Marshal(value) }

func decode(body []byte, value any) error { return sonic.Unmarshal(body, value) }
