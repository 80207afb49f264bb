//go:build tools

// Package tools pins the two Prometheus commands that the image is built from.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
