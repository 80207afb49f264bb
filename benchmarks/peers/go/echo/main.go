// Peer echo: no middleware, the answer written by the handler itself, as TechEmpower's entry echo has it.
package main

import (
	"log"
	"net/http"

	"github.com/labstack/echo/v5"
)

var hello = []byte("Hello, World!")

func main() {
	router := echo.New()
	router.GET("/plaintext", func(c *echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentType, echo.MIMETextPlain)
		_, err := c.Response().Write(hello)
		return err
	})
	log.Fatal(http.ListenAndServe(":8080", router))
}
