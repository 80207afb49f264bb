package lab

import "bytes"

// The codec is chosen by a build tag: none for encoding/json, json_v2 (with GOEXPERIMENT=jsonv2), json_jsoniter or
// json_sonic. Each gives codecName, codecFallback, encode and decode; two at once do not compile.

// decodeObject reads body, one JSON object and nothing else, into value. A null would leave value as it was.
func decodeObject(body []byte, value any) bool {
	start := bytes.TrimLeft(body, " \t\r\n")
	return len(start) > 0 && start[0] == '{' && decode(body, value) == nil
}
