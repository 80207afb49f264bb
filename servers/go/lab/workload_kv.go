//go:build !slim || kv

package lab

import (
	"strconv"
	"strings"
	"sync"
)

func init() {
	register("kv", func(_ Program, settings Settings) (Route, error) {
		entries := newKV(settings.KV)
		return Route{Method: "GET", Path: "/kv/", HasParam: true, Answer: entries.answer}, nil
	})
}

const (
	kvEntries = 10_000
	kvShards  = 64
	kvKeyMost = 64 // bytes of a key
)

type kvEntry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// kv has the keys k0 to k9999 and their values, in 1 or 64 maps. Nobody writes, but every reader takes the lock.
type kv []kvShard

// kvShard fills a cache line, so that one shard's lock does not slow its neighbour's.
type kvShard struct {
	lock    sync.RWMutex
	entries map[string]string
	_       [64 - 24 - 8]byte
}

// newKV takes the value of LAB_KV.
func newKV(kind string) kv {
	entries := make(kv, 1)
	if kind == "sharded" {
		entries = make(kv, kvShards)
	}
	for i := range entries {
		entries[i].entries = map[string]string{}
	}
	for i := range kvEntries {
		key := "k" + strconv.Itoa(i)
		entries.shard(key).entries[key] = "value-of-" + key
	}
	return entries
}

func (entries kv) answer(request Request) Answer {
	if value, ok := entries.get(request.Param); ok {
		return object(kvEntry{request.Param, value})
	}
	return wrong(404, "no such key")
}

// get copies the value under the lock, as a store whose values change would have to.
func (entries kv) get(key string) (string, bool) {
	if len(key) > kvKeyMost {
		return "", false
	}
	shard := entries.shard(key)
	shard.lock.RLock()
	defer shard.lock.RUnlock()
	value, ok := shard.entries[key]
	return strings.Clone(value), ok
}

func (entries kv) shard(key string) *kvShard {
	if len(entries) == 1 {
		return &entries[0]
	}
	return &entries[fnv1a(key)%kvShards]
}

// fnv1a is FNV-1a of 32 bits; hash/fnv would put its state on the heap.
func fnv1a(key string) uint32 {
	hash := uint32(2_166_136_261)
	for i := range len(key) {
		hash = (hash ^ uint32(key[i])) * 16_777_619
	}
	return hash
}
