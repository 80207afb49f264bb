package main

// Rooms that a decoded order starts with, so that a usual one never grows.
const (
	usualItems = 16
	usualTags  = 64
)

// parseByHand decodes an order whose strings are pieces of the document, but for those with an escape.
func parseByHand() (order, error) {
	d := decoder{text: documentText, tags: make([]string, 0, usualTags)}
	var parsed order
	for more := d.begin('{', '}'); more; more = d.next('}') {
		switch d.key() {
		case "order":
			parsed.Order = d.string()
		case "items":
			parsed.Items = d.items()
		default:
			d.skip()
		}
	}
	if d.peek(); d.at < len(d.text) {
		d.fail()
	}
	return parsed, d.err
}

func (d *decoder) items() []item {
	items := make([]item, 0, usualItems)
	for more := d.begin('[', ']'); more; more = d.next(']') {
		items = append(items, item{})
		d.item(&items[len(items)-1])
	}
	return items
}

func (d *decoder) item(item *item) {
	for more := d.begin('{', '}'); more; more = d.next('}') {
		switch d.key() {
		case "id":
			item.ID = d.number()
		case "sku":
			item.SKU = d.string()
		case "name":
			item.Name = d.string()
		case "quantity":
			item.Quantity = d.number()
		case "price_cents":
			item.PriceCents = d.number()
		case "active":
			item.Active = d.boolean()
		case "tags":
			first := len(d.tags)
			for more := d.begin('[', ']'); more; more = d.next(']') {
				d.tags = append(d.tags, d.string())
			}
			item.Tags = d.tags[first:len(d.tags):len(d.tags)]
		case "dimensions":
			d.dimensions(&item.Dimensions)
		default:
			d.skip()
		}
	}
}

func (d *decoder) dimensions(size *dimensions) {
	for more := d.begin('{', '}'); more; more = d.next('}') {
		switch d.key() {
		case "width":
			size.Width = d.number()
		case "height":
			size.Height = d.number()
		case "depth":
			size.Depth = d.number()
		default:
			d.skip()
		}
	}
}
