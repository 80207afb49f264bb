//go:build !json_v2 && !json_jsoniter && !json_sonic

package lab

import "encoding/json"

const codecName = "encoding/json"

func codecFallback() *string { return nil }

func encode(value any) ([]byte, error) { return json.Marshal(value) }

func decode(body []byte, value any) error { return json.Unmarshal(body, value) }
