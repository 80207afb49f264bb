//go:build !slim || json

package lab

func init() {
	register("json", func(Program, Settings) (Route, error) {
		return Route{Method: "GET", Path: "/json", Answer: func(Request) Answer {
			return object(message{"Hello, World!"}) // 27 bytes, serialised anew for each request
		}}, nil
	})
}

type message struct {
	Message string `json:"message"`
}
