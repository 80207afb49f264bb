//go:build !slim || parse

package lab

import (
	_ "embed"
	"strings"
	"testing"
)

// document is what servers/contract/document.py makes.
//
//go:embed testdata/order.json
var document string

func TestTheDocumentHasItsChecksum(t *testing.T) {
	ask(t, newTestService(t, nil), "/parse", document).expect(t, 200, ApplicationJSON, `{"count":12,"checksum":141995}`)
}

func TestAnEmptyOrderCounts0(t *testing.T) {
	ask(t, newTestService(t, nil), "/parse", ` {"items": [], "order": "x"}`).
		expect(t, 200, ApplicationJSON, `{"count":0,"checksum":0}`)
}

func TestTheChecksumIsModulo32Bits(t *testing.T) {
	body := `{"order":"x","items":[{"id":4294967295,"sku":"é","name":"\u00e9","quantity":65536,"price_cents":65537,` +
		`"active":true,"tags":["ab","c"],"dimensions":{"width":4294967295,"height":1,"depth":2},"more":{"id":[null]}}]}`
	// -1 + 65536 + (-1 + 1 + 2) + 2 + 2 + 3 + 1
	ask(t, newTestService(t, nil), "/parse", body).expect(t, 200, ApplicationJSON, `{"count":1,"checksum":65545}`)
}

func TestAnotherDocumentIs400(t *testing.T) {
	service := newTestService(t, nil)
	wrong := []string{``, `null`, `[]`, `"x"`, document + "x", document[:len(document)-1], document[:1000]}
	for _, change := range [][2]string{
		{`"order":"A-2026-000417"`, `"order":7`},
		{`"items":[`, `"items":{},"more":[`},
		{`"id":1,`, `"id":"1",`},
		{`"id":1,`, `"id":-1,`},
		{`"id":1,`, `"id":1.5,`},
		{`"id":1,`, `"id":4294967296,`},
		{`"sku":"SKU`, `"sku":["x"],"more":"SKU`},
		{`"active":true`, `"active":1`},
		{`"tags":["stock"`, `"tags":[1`},
		{`"dimensions":{`, `"dimensions":[],"more":{`},
		{`"width":11`, `"width":true`},
	} {
		changed := strings.Replace(document, change[0], change[1], 1)
		if changed == document {
			t.Fatalf("%s is not in the document", change[0])
		}
		wrong = append(wrong, changed)
	}
	for _, body := range wrong {
		answer := ask(t, service, "/parse", body)
		if answer.Status != 400 || string(answer.Body) != `{"error":"body: want an order document of JSON"}` {
			t.Errorf("%d %s for %.300s", answer.Status, answer.Body, body)
		}
	}
}
