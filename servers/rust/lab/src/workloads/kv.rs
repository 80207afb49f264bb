use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use serde::Serialize;

use crate::{answer::Answer, settings::Kv};

const ENTRIES: usize = 10_000;
const SHARDS: usize = 64;
/// The longest key that is looked for, bytes.
const KEY_MOST: usize = 64;

/// The keys k0 to k9999 and their values. Nobody writes, but every reader takes the lock.
pub(crate) struct Store {
    /// One, or 64 of which FNV-1a of the key chooses.
    shards: Box<[RwLock<HashMap<String, String>>]>,
}

#[derive(Serialize)]
struct Entry<'a> {
    key: &'a str,
    value: String,
}

impl Store {
    pub(crate) fn new(kind: Kv) -> Self {
        let count = match kind {
            Kv::Rwlock => 1,
            Kv::Sharded => SHARDS,
        };
        let mut maps = vec![HashMap::new(); count];
        for number in 0..ENTRIES {
            let key = format!("k{number}");
            let value = format!("value-of-{key}");
            maps[shard(&key, count)].insert(key, value);
        }
        Self {
            shards: maps.into_iter().map(RwLock::new).collect(),
        }
    }

    /// Answers GET /kv/{key}; the key as it was sent.
    pub(crate) fn answer(&self, key: &str) -> Answer {
        match self.value(key) {
            Some(value) => Answer::json(&Entry { key, value }),
            None => Answer::error(404, "no such key"),
        }
    }

    fn value(&self, key: &str) -> Option<String> {
        if key.len() > KEY_MOST {
            return None;
        }
        let map = &self.shards[shard(key, self.shards.len())];
        map.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// Which of `count` maps has the key.
fn shard(key: &str, count: usize) -> usize {
    if count == 1 {
        0
    } else {
        fnv_1a(key.as_bytes()) as usize % count
    }
}

/// FNV-1a of 32 bits.
fn fnv_1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv_1a_is_the_published_one() {
        for (text, hash) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(fnv_1a(text.as_bytes()), hash, "{text:?}");
        }
    }

    #[test]
    fn every_key_has_its_value_however_locked() {
        for kind in [Kv::Rwlock, Kv::Sharded] {
            let store = Store::new(kind);
            for number in 0..ENTRIES {
                let value = store.value(&format!("k{number}"));
                assert_eq!(value, Some(format!("value-of-k{number}")));
            }
            assert_eq!(store.answer("k17").body, r#"{"key":"k17","value":"value-of-k17"}"#);
        }
    }

    #[test]
    fn each_of_64_maps_has_its_part() {
        let store = Store::new(Kv::Sharded);
        assert_eq!(store.shards.len(), SHARDS);
        for map in &store.shards {
            let entries = map.read().unwrap().len();
            assert!((100..=220).contains(&entries), "{entries} of {ENTRIES}");
        }
    }

    #[test]
    fn another_key_is_not_there() {
        for kind in [Kv::Rwlock, Kv::Sharded] {
            let store = Store::new(kind);
            for key in ["", "k", "k10000", "K17", "k017", "%6B17", "k\u{e9}", &"k".repeat(1000)] {
                let answer = store.answer(key);
                assert_eq!(answer.status, 404, "{key}");
                assert_eq!(answer.body, r#"{"error":"no such key"}"#);
            }
        }
    }
}
