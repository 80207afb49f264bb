//go:build !slim || plaintext

package lab

func init() {
	register("plaintext", func(Program, Settings) (Route, error) {
		return Route{Method: "GET", Path: "/plaintext", Answer: func(Request) Answer { return text(hello) }}, nil
	})
}

// hello has 13 bytes.
var hello = []byte("Hello, World!")
