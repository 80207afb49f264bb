// Package lab holds what is the same for every Go server of the lab: the workloads, the settings, the
// report on itself and the life of the process. A server adds its framework and its routes, nothing else.
package lab

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/sony/sonyflake/v2"
)

// Content types, byte for byte as every server of the lab sends them.
const (
	TextPlain       = "text/plain; charset=utf-8"
	ApplicationJSON = "application/json"
)

// Epoch is where Sonyflake time starts, in every language of the lab.
var Epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

type message struct {
	Message string `json:"message"`
}

type identifier struct {
	ID string `json:"id"`
}

// Plaintext is the body of GET /plaintext: 13 bytes. Callers must not change it.
func Plaintext() []byte { return plaintext }

var plaintext = []byte("Hello, World!")

// JSON is the body of GET /json: 27 bytes, serialised anew for each request.
func JSON() ([]byte, error) { return json.Marshal(message{"Hello, World!"}) }

// IDs makes Sonyflake ids: 39 bits of 10 ms since Epoch, 8 bits of sequence, 16 bits of machine id.
//
// There are 256 ids in 10 ms and no more: the library sleeps to the next tick with its lock held, so one
// process gives at most 25,600 ids a second whatever its CPU.
type IDs struct{ flake *sonyflake.Sonyflake }

// NewIDs makes the one generator of this process. Two in one process would repeat each other's ids.
func NewIDs(machineID int) (*IDs, error) {
	flake, err := sonyflake.New(sonyflake.Settings{
		BitsSequence:  8,
		BitsMachineID: 16,
		TimeUnit:      10 * time.Millisecond,
		StartTime:     Epoch,
		MachineID:     func() (int, error) { return machineID, nil },
	})
	if err != nil {
		return nil, err
	}
	return &IDs{flake}, nil
}

// Next is the body of GET /nextid, {"id":"<decimal>"}: a string, because ids pass 2^53, where the numbers
// of JSON readers in JavaScript (k6 is one) stop being exact.
func (ids *IDs) Next() ([]byte, error) {
	id, err := ids.flake.NextID()
	if err != nil {
		return nil, err
	}
	return json.Marshal(identifier{strconv.FormatInt(id, 10)})
}
