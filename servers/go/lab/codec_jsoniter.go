//go:build json_jsoniter

package lab

import jsoniter "github.com/json-iterator/go"

const codecName = "jsoniter"

// compatible is what its documentation offers in place of encoding/json.
var compatible = jsoniter.ConfigCompatibleWithStandardLibrary

func codecFallback() *string { return nil }

func encode(value any) ([]byte, error) { return compatible.Marshal(value) }

func decode(body []byte, value any) error { return compatible.Unmarshal(body, value) }
