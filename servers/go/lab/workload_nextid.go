//go:build !slim || nextid

package lab

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sony/sonyflake/v2"
)

func init() { register("nextid", newNextID) }

// Epoch is where Sonyflake time starts, in every language of the lab.
var Epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// An id has 39 bits of time, 8 of sequence and 16 of machine id.
const (
	timeBits     = 39
	sequenceBits = 8
	machineBits  = 16
	tickLength   = 10 * time.Millisecond
)

// identifier holds a string, because ids pass 2^53, where the numbers of JSON readers in JavaScript (k6 is one)
// stop being exact.
type identifier struct {
	ID string `json:"id"`
}

func newNextID(_ Program, settings Settings) (Route, error) {
	next, err := newIDs(settings)
	if err != nil {
		return Route{}, fmt.Errorf("sonyflake: %w", err)
	}
	answer := func(Request) Answer {
		id, err := next()
		if err != nil {
			return wrong(500, "sonyflake: "+err.Error())
		}
		return object(identifier{strconv.FormatInt(id, 10)})
	}
	return Route{Method: "GET", Path: "/nextid", Answer: answer}, nil
}

// newIDs makes the one generator of this process, which many may ask at once.
//
// There are 256 ids in 10 ms and no more, so one process gives at most 25,600 ids a second whatever its CPU. The
// library sleeps to the next tick with its lock held: whoever comes then waits for the lock.
func newIDs(settings Settings) (func() (int64, error), error) {
	if settings.Sonyflake == "async" {
		ids, err := newReservations(settings.MachineID)
		if err != nil {
			return nil, err
		}
		return ids.next, nil
	}
	flake, err := sonyflake.New(sonyflake.Settings{
		BitsSequence:  sequenceBits,
		BitsMachineID: machineBits,
		TimeUnit:      tickLength,
		StartTime:     Epoch,
		MachineID:     func() (int, error) { return settings.MachineID, nil },
	})
	if err != nil {
		return nil, err
	}
	return flake.NextID, nil
}
