package lab

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"
)

func number(t *testing.T, body []byte) int64 {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal(body, &got); err != nil || len(got) != 1 {
		t.Fatalf("body %q: %v", body, err)
	}
	id, err := strconv.ParseInt(got["id"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestBodiesAreExact(t *testing.T) {
	if got := string(Plaintext()); got != "Hello, World!" {
		t.Errorf("plaintext is %q", got)
	}
	if got, err := JSON(); err != nil || string(got) != `{"message":"Hello, World!"}` {
		t.Errorf("json is %q, %v", got, err)
	}
}

func TestIDsCarryMachineAndTime(t *testing.T) {
	ids, err := NewIDs(0xBEEF)
	if err != nil {
		t.Fatal(err)
	}
	ticks := func() int64 { return time.Now().UnixMilli()/10 - Epoch.UnixMilli()/10 }
	before := ticks()
	body, err := ids.Next()
	if err != nil {
		t.Fatal(err)
	}
	id := number(t, body)
	if id&0xFFFF != 0xBEEF {
		t.Errorf("machine id of %d is %#x", id, id&0xFFFF)
	}
	if tick := id >> 24; tick < before || tick > ticks() {
		t.Errorf("%d is not of now", id)
	}
}

func TestIDsOfManyGoroutinesAreUniqueAndRiseOnEach(t *testing.T) {
	ids, err := NewIDs(1)
	if err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	seen := map[int64]bool{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			last := int64(0)
			for range 500 {
				body, err := ids.Next()
				if err != nil {
					t.Error(err)
					return
				}
				id := number(t, body)
				if id <= last {
					t.Errorf("%d after %d", id, last)
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
		t.Errorf("%d different ids of 2000", len(seen))
	}
}
