// Command k6 is the k6 load generator, built from its published Go module at the version go.mod pins.
package main

import "go.k6.io/k6/v2/cmd"

func main() { cmd.Execute() }
