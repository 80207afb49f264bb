package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
)

// document is the order that POST /parse gets (servers/contract/document.py).
//
//go:embed document.json
var document []byte

// documentText is for the decoder whose strings are pieces of it.
var documentText = string(document)

const documentSHA256 = "060f6ecc8b5a05fd43abdaa06496a11887fdc7e5c5f21cedbeebfc045541b74f"

// parseShares is the most tasks that the parses are split into.
const parseShares = 64

type order struct {
	Order string `json:"order"`
	Items []item `json:"items"`
}

type item struct {
	ID         uint32     `json:"id"`
	SKU        string     `json:"sku"`
	Name       string     `json:"name"`
	Quantity   uint32     `json:"quantity"`
	PriceCents uint32     `json:"price_cents"`
	Active     bool       `json:"active"`
	Tags       []string   `json:"tags"`
	Dimensions dimensions `json:"dimensions"`
}

type dimensions struct {
	Width  uint32 `json:"width"`
	Height uint32 `json:"height"`
	Depth  uint32 `json:"depth"`
}

func jsonParseKernel() kernel {
	return kernel{"json-parse", sizes{100_000, 1, 10_000_000, 1}, []row{
		{variant: "same", algorithm: "json-owned-structs", program: jsonParse(parseWithLibrary)},
		{variant: "best", algorithm: "json-handwritten-decoder", program: jsonParse(parseByHand)},
	}}
}

func jsonParse(parse func() (order, error)) program {
	return func(job job) (func() output, error) {
		if hexSHA256(document) != documentSHA256 {
			return nil, errors.New("the document is not the one that every published figure was made with")
		}
		if _, err := parse(); err != nil {
			return nil, err
		}
		return func() output {
			tasks := min(job.n, parseShares)
			var items, checksum uint64
			for _, part := range each(job.threads, tasks, func(task int) [2]uint64 {
				return parseTimes(job.n*(task+1)/tasks-job.n*task/tasks, parse)
			}) {
				items += part[0]
				checksum += part[1]
			}
			return output{text: fmt.Sprintf("%d,%d", items, checksum)}
		}, nil
	}
}

// parseTimes adds up the items and checksums of that many parses.
func parseTimes(times int, parse func() (order, error)) (sums [2]uint64) {
	for range times {
		order, err := parse()
		if err != nil {
			panic(err) // it was parsed without one before
		}
		sums[0] += uint64(len(order.Items))
		sums[1] += uint64(order.checksum())
	}
	return sums
}

func parseWithLibrary() (order, error) {
	var parsed order
	err := json.Unmarshal(document, &parsed)
	return parsed, err
}

// checksum is the sum of the contract, which touches every field that is decoded.
func (o order) checksum() uint32 {
	var sum uint32
	for i := range o.Items {
		item := &o.Items[i]
		size := &item.Dimensions
		sum += item.ID + item.Quantity*item.PriceCents + size.Width + size.Height + size.Depth
		sum += uint32(len(item.Name) + len(item.SKU))
		for _, tag := range item.Tags {
			sum += uint32(len(tag))
		}
		if item.Active {
			sum++
		}
	}
	return sum
}
