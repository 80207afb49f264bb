// Peer gin: release mode, no middleware, as TechEmpower's entry gin has it.
package main

import (
	"log"
	"net/http"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/plaintext", func(c *gin.Context) { c.String(http.StatusOK, "Hello, World!") })
	log.Fatal(http.ListenAndServe(":8080", engine))
}
