//go:build json_v2

package lab

import "encoding/json/v2"

const codecName = "encoding/json/v2"

func codecFallback() *string { return nil }

func encode(value any) ([]byte, error) { return json.Marshal(value) }

func decode(body []byte, value any) error { return json.Unmarshal(body, value) }
