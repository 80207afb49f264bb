// Peer fiber: one handler for all paths in place of the router, names of headers left as they come, as TechEmpower's
// entry fiber-v3 has it.
package main

import (
	"log"

	"github.com/gofiber/fiber/v3"
)

var hello = []byte("Hello, World!")

func main() {
	app := fiber.New(fiber.Config{CaseSensitive: true, StrictRouting: true, DisableHeaderNormalizing: true})
	app.Use(func(c fiber.Ctx) error {
		switch c.Path() {
		case "/plaintext":
			return c.Send(hello)
		default:
			return fiber.ErrNotFound
		}
	})
	log.Fatal(app.Listen(":8080", fiber.ListenConfig{DisableStartupMessage: true}))
}
