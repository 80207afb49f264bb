//go:build !slim || nextid

package lab

import (
	"errors"
	"sync"
	"time"
)

// reservations gives out the places of Sonyflake ids in order, under a lock that is held for no longer than that.
// Whoever has a place in a tick that is yet to come waits for it without the lock.
type reservations struct {
	machineID int64

	lock     sync.Mutex
	tick     int64 // of the last place given, 10 ms since Epoch
	sequence int64 // of the last place given, 0-255
}

func newReservations(machineID int) (*reservations, error) {
	if time.Now().Before(Epoch) {
		return nil, errors.New("want a clock that is past 2025-01-01T00:00:00Z")
	}
	return &reservations{machineID: int64(machineID)}, nil
}

func (ids *reservations) next() (int64, error) {
	tick, sequence, early := ids.reserve()
	if tick >= 1<<timeBits {
		return 0, errors.New("want a clock that is within 39 bits of 10 ms since 2025")
	}
	if early {
		time.Sleep(time.Until(Epoch.Add(time.Duration(tick) * tickLength)))
	}
	return tick<<(sequenceBits+machineBits) | sequence<<machineBits | ids.machineID, nil
}

// reserve takes the next place; early tells that its tick is yet to come. The clock is read under the lock, as the
// library does, so that places rise with time.
func (ids *reservations) reserve() (tick, sequence int64, early bool) {
	ids.lock.Lock()
	defer ids.lock.Unlock()
	now := ticks(time.Now()) - ticks(Epoch)
	switch {
	case ids.tick < now:
		ids.tick, ids.sequence = now, 0
	case ids.sequence < 1<<sequenceBits-1:
		ids.sequence++
	default:
		ids.tick, ids.sequence = ids.tick+1, 0
	}
	return ids.tick, ids.sequence, ids.tick > now
}

// ticks are whole ones since 1970, as the library counts them.
func ticks(moment time.Time) int64 { return moment.UnixNano() / int64(tickLength) }
