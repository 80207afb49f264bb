use chrono::DateTime;
use serde::Serialize;
use sonyflake::Sonyflake;

/// Content types, byte for byte as every server of the lab sends them.
pub const TEXT_PLAIN: &str = "text/plain; charset=utf-8";
pub const APPLICATION_JSON: &str = "application/json";

/// Where Sonyflake time starts, in every language of the lab: 2025-01-01T00:00:00Z.
pub const EPOCH_UNIX_SECONDS: i64 = 1_735_689_600;

/// The body of GET /plaintext: 13 bytes.
pub const PLAINTEXT: &str = "Hello, World!";

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Serialize)]
struct Identifier {
    id: String,
}

/// The body of GET /json: 27 bytes, serialised anew for each request.
pub fn json() -> Result<Vec<u8>, String> {
    serialise(&Message { message: PLAINTEXT })
}

/// Makes Sonyflake ids: 39 bits of 10 ms since the epoch, 8 bits of sequence, 16 bits of machine id.
///
/// There are 256 ids in 10 ms and no more: the library sleeps to the next tick with its lock held, so one process
/// gives at most 25,600 ids a second whatever its CPU. The sleep is the thread's: past that rate a tokio worker
/// stands still for up to 10 ms, and with one worker so does every other route.
#[derive(Clone)]
pub struct Ids(Sonyflake);

impl Ids {
    /// The one generator of this process; clones share it. A second one would repeat its ids.
    pub fn new(machine_id: u16) -> Result<Self, String> {
        let epoch = DateTime::from_timestamp(EPOCH_UNIX_SECONDS, 0).expect("the epoch is a date");
        let flake = Sonyflake::builder()
            .start_time(epoch)
            .machine_id(&|| Ok(machine_id))
            .finalize();
        flake.map(Self).map_err(|error| format!("sonyflake: {error}"))
    }

    /// The body of GET /nextid, `{"id":"<decimal>"}`: a string, because ids pass 2^53, where the numbers of JSON
    /// readers in JavaScript (k6 is one) stop being exact.
    pub fn next(&self) -> Result<Vec<u8>, String> {
        let id = self.0.next_id().map_err(|error| format!("sonyflake: {error}"))?;
        serialise(&Identifier { id: id.to_string() })
    }
}

pub(crate) fn serialise(value: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread, time::SystemTime};

    use super::*;

    fn number(body: &[u8]) -> u64 {
        let text = std::str::from_utf8(body).unwrap();
        text.strip_prefix(r#"{"id":""#)
            .unwrap()
            .strip_suffix(r#""}"#)
            .unwrap()
            .parse()
            .unwrap()
    }

    #[test]
    fn bodies_are_exact() {
        assert_eq!(PLAINTEXT.len(), 13);
        assert_eq!(json().unwrap(), br#"{"message":"Hello, World!"}"#);
    }

    #[test]
    fn ids_carry_machine_and_time() {
        let ids = Ids::new(0xBEEF).unwrap();
        let ticks = || {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            u64::try_from((now.as_millis() - EPOCH_UNIX_SECONDS as u128 * 1000) / 10).unwrap()
        };
        let before = ticks();
        let id = number(&ids.next().unwrap());
        assert_eq!(id & 0xFFFF, 0xBEEF);
        assert!((before..=ticks()).contains(&(id >> 24)), "{id} is not of now");
    }

    #[test]
    fn ids_of_many_threads_are_unique_and_rise_on_each() {
        let ids = Ids::new(1).unwrap();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let ids = ids.clone();
                thread::spawn(move || (0..500).map(|_| number(&ids.next().unwrap())).collect::<Vec<_>>())
            })
            .collect();
        let mut seen = HashSet::new();
        for thread in threads {
            let made = thread.join().unwrap();
            assert!(made.is_sorted());
            seen.extend(made);
        }
        assert_eq!(seen.len(), 2000);
    }
}
