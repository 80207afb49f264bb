//go:build !slim || kv

package lab

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

func TestFNV1aIsThePublishedOne(t *testing.T) {
	for text, want := range map[string]uint32{"": 0x811c9dc5, "a": 0xe40c292c, "foobar": 0xbf9cf968} {
		if got := fnv1a(text); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}

func TestEveryKeyHasItsValueHoweverLocked(t *testing.T) {
	for _, kind := range []string{"rwlock", "sharded"} {
		entries := newKV(kind)
		for i := range kvEntries {
			key := "k" + strconv.Itoa(i)
			if value, ok := entries.get(key); !ok || value != "value-of-"+key {
				t.Fatalf("%s, %s: %q, %t", kind, key, value, ok)
			}
		}
		service := newTestService(t, map[string]string{"LAB_KV": kind})
		ask(t, service, "/kv/k17", "").expect(t, 200, ApplicationJSON, `{"key":"k17","value":"value-of-k17"}`)
		for _, key := range []string{"k", "k10000", "K17", "k017", "%6B17", "k é", strings.Repeat("k", 1000)} {
			ask(t, service, "/kv/"+key, "").expect(t, 404, ApplicationJSON, `{"error":"no such key"}`)
		}
	}
}

func TestEachOf64MapsHasItsPart(t *testing.T) {
	entries := newKV("sharded")
	if len(entries) != kvShards || unsafe.Sizeof(entries[0]) != 64 {
		t.Fatalf("%d shards of %d bytes", len(entries), unsafe.Sizeof(entries[0]))
	}
	for i := range entries {
		if part := len(entries[i].entries); part < 100 || part > 220 {
			t.Errorf("shard %d has %d of %d", i, part, kvEntries)
		}
	}
}
