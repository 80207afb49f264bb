//go:build !slim || parse

package lab

func init() {
	register("parse", func(program Program, _ Settings) (Route, error) {
		sum := sumOrder
		if program.Library != nil && program.Library.Parse != nil {
			sum = program.Library.Parse
		}
		answer := func(request Request) Answer {
			told, ok := sum(request.Body)
			if !ok {
				return wrong(400, "body: want an order document of JSON")
			}
			return object(told)
		}
		return Route{Method: "POST", Path: "/parse", Answer: answer}, nil
	})
}

type order struct {
	Order string      `json:"order"`
	Items []orderItem `json:"items"`
}

type orderItem struct {
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

// sumOrder reads body; ok tells whether it is an order document.
func sumOrder(body []byte) (told OrderSum, ok bool) {
	var document order
	if !decodeObject(body, &document) {
		return OrderSum{}, false
	}
	told.Count = len(document.Items)
	for i := range document.Items {
		told.Checksum += document.Items[i].checksum()
	}
	return told, true
}

func (item *orderItem) checksum() uint32 {
	sum := item.ID + item.Quantity*item.PriceCents
	sum += item.Dimensions.Width + item.Dimensions.Height + item.Dimensions.Depth
	sum += uint32(len(item.Name) + len(item.SKU))
	for _, tag := range item.Tags {
		sum += uint32(len(tag))
	}
	if item.Active {
		sum++
	}
	return sum
}
