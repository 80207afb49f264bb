//go:build !slim || nextid

package lab

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var generators = []string{"blocking", "async"}

func number(t *testing.T, answer Answer) int64 {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal(answer.Body, &got); err != nil || len(got) != 1 || answer.Status != 200 {
		t.Fatalf("%d %q: %v", answer.Status, answer.Body, err)
	}
	id, err := strconv.ParseInt(got["id"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIDsCarryMachineAndTime(t *testing.T) {
	for _, generator := range generators {
		service := newTestService(t, map[string]string{"LAB_MACHINE_ID": "48879", "LAB_SONYFLAKE": generator})
		ticks := func() int64 { return time.Now().UnixMilli()/10 - Epoch.UnixMilli()/10 }
		before := ticks()
		id := number(t, ask(t, service, "/nextid", ""))
		if id&0xFFFF != 0xBEEF {
			t.Errorf("%s: machine id of %d is %#x", generator, id, id&0xFFFF)
		}
		if tick := id >> 24; tick < before || tick > ticks() {
			t.Errorf("%s: %d is not of now", generator, id)
		}
	}
}

func TestIDsOfManyGoroutinesAreUniqueAndRiseOnEach(t *testing.T) {
	for _, generator := range generators {
		service := newTestService(t, map[string]string{"LAB_SONYFLAKE": generator})
		var lock sync.Mutex
		seen := map[int64]bool{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				last := int64(0)
				for range 500 {
					id := number(t, ask(t, service, "/nextid", ""))
					if id <= last {
						t.Errorf("%s: %d after %d", generator, id, last)
					}
					last = id
					lock.Lock()
					seen[id] = true
					lock.Unlock()
				}
			})
		}
		all.Wait()
		if len(seen) != 2000 {
			t.Errorf("%s: %d different ids of 2000", generator, len(seen))
		}
	}
}

// pastEpoch moves the clock of a bubble, which starts in 2000, to the start of a tick.
func pastEpoch() { time.Sleep(time.Until(Epoch.Add(time.Hour))) }

func TestAsyncIDsFillEachTickAndNoneComesEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pastEpoch()
		ids, err := newReservations(7)
		if err != nil {
			t.Fatal(err)
		}
		first := ticks(time.Now()) - ticks(Epoch)
		var lock sync.Mutex
		seen, in := map[int64]bool{}, map[int64]int{}
		var all sync.WaitGroup
		for range 600 {
			all.Go(func() {
				id, err := ids.next()
				if tick := id >> 24; err != nil || tick != ticks(time.Now())-ticks(Epoch) {
					t.Errorf("%d of tick %d came in %d: %v", id, tick, ticks(time.Now())-ticks(Epoch), err)
				}
				lock.Lock()
				defer lock.Unlock()
				seen[id] = true
				in[id>>24]++
			})
		}
		all.Wait()
		if len(seen) != 600 || in[first] != 256 || in[first+1] != 256 || in[first+2] != 88 {
			t.Errorf("%d different ids of 600: %v from tick %d", len(seen), in, first)
		}
	})
}

func TestAsyncWaitsWithoutTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pastEpoch()
		ids, err := newReservations(7)
		if err != nil {
			t.Fatal(err)
		}
		for range 256 {
			if _, err := ids.next(); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		var late sync.WaitGroup
		late.Go(func() {
			if _, err := ids.next(); err != nil || time.Since(began) != tickLength {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
		synctest.Wait()
		if !ids.lock.TryLock() {
			t.Fatal("the lock is held by one that waits")
		}
		ids.lock.Unlock()
		late.Wait()
	})
}

func TestAClockOutsideOfTheBitsIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := NewService(Program{}, Settings{Sonyflake: "async"}); err == nil {
			t.Error("before the epoch: an async generator")
		}
		if _, err := NewService(Program{}, Settings{Sonyflake: "blocking"}); err == nil {
			t.Error("before the epoch: a blocking generator")
		}
		time.Sleep(time.Until(Epoch.Add(time.Hour)))
		ids := reservations{tick: 1<<timeBits - 1, sequence: 255}
		if id, err := ids.next(); err == nil {
			t.Errorf("past 39 bits: %d", id)
		}
	})
}
