package lab

// Content types, byte for byte as every server of the lab sends them.
const (
	TextPlain       = "text/plain; charset=utf-8"
	ApplicationJSON = "application/json"
)

// BodyMost is the most bytes that the body of a request may have.
const BodyMost = 64 << 10

// Answer is what one request gets, whatever the framework. Nobody may change its body: some are the same for all.
type Answer struct {
	Status      int // of HTTP, 200-503
	ContentType string
	Body        []byte
}

var (
	notFound         = []byte("not found")
	methodNotAllowed = []byte("method not allowed")
	malformed        = []byte("malformed request")
	headTooLarge     = []byte("head too large")
)

// NotFound is for a path that no route has.
func NotFound() Answer { return Answer{404, TextPlain, notFound} }

// MethodNotAllowed is for a route that is asked by another method; Allow says which it takes.
func MethodNotAllowed() Answer { return Answer{405, TextPlain, methodNotAllowed} }

// Malformed is for what is not HTTP, where the framework lets the server say so.
func Malformed() Answer { return Answer{400, TextPlain, malformed} }

// HeadTooLarge is for a head beyond the framework's limit, where the framework lets the server say so.
func HeadTooLarge() Answer { return Answer{431, TextPlain, headTooLarge} }

// text is 200 with body, which must not change any more.
func text(body []byte) Answer { return Answer{200, TextPlain, body} }

// object is 200 with value, serialised now.
func object(value any) Answer { return serialised(200, value) }

// wrong tells in JSON what is wrong with a request of a known route, or with the server.
func wrong(status int, what string) Answer {
	return serialised(status, struct {
		Error string `json:"error"`
	}{what})
}

func serialised(status int, value any) Answer {
	body, err := encode(value)
	if err != nil {
		return Answer{500, TextPlain, []byte(err.Error())}
	}
	return Answer{status, ApplicationJSON, body}
}
