use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use chrono::DateTime;
use serde::Serialize;
use sonyflake::Sonyflake;
use tokio::time::sleep;

use crate::{answer::Answer, settings::Generator};

/// Where Sonyflake time starts, in every language of the lab: 2025-01-01T00:00:00Z.
const EPOCH_UNIX_SECONDS: u64 = 1_735_689_600;
const TICK_MILLISECONDS: u64 = 10;
const TIME_BITS: u32 = 39;

/// The one maker of Sonyflake ids of this process: 39 bits of 10 ms since the epoch, 8 bits of sequence, 16 bits of
/// machine id. A second one would repeat its ids.
///
/// There are 256 ids in 10 ms and no more, so one process gives at most 25,600 ids a second whatever its CPU.
pub(crate) enum Ids {
    /// The library sleeps to the next tick with its lock held. The sleep is the thread's: past that rate a worker
    /// stands still for up to 10 ms, and with one worker so does every other route.
    Blocking(Sonyflake),
    Async(Reservations),
}

#[derive(Serialize)]
struct Identifier {
    id: String,
}

impl Ids {
    pub(crate) fn new(generator: Generator, machine_id: u16) -> Result<Self, String> {
        match generator {
            Generator::Blocking => {
                let epoch = DateTime::from_timestamp(EPOCH_UNIX_SECONDS as i64, 0).expect("the epoch is a date");
                let flake = Sonyflake::builder()
                    .start_time(epoch)
                    .machine_id(&|| Ok(machine_id))
                    .finalize();
                flake.map(Self::Blocking).map_err(|error| format!("sonyflake: {error}"))
            }
            Generator::Async => Ok(Self::Async(Reservations::new(machine_id))),
        }
    }

    /// Answers GET /nextid with `{"id":"<decimal>"}`: a string, because ids pass 2^53, where the numbers of JSON
    /// readers in JavaScript (k6 is one) stop being exact.
    pub(crate) async fn answer(&self) -> Answer {
        match self.next().await {
            Ok(id) => Answer::json(&Identifier { id: id.to_string() }),
            Err(error) => Answer::error(500, &error),
        }
    }

    async fn next(&self) -> Result<u64, String> {
        match self {
            Self::Blocking(flake) => flake
                .next_id()
                .map(|id| id.to_u64())
                .map_err(|error| format!("sonyflake: {error}")),
            Self::Async(reservations) => reservations.next().await,
        }
    }
}

/// Gives out the places of ids in order, under a lock that is held for no longer than that; whoever has one whose
/// tick is yet to come waits for it without the lock and without a thread.
pub(crate) struct Reservations {
    machine_id: u16,
    last: Mutex<Place>,
}

/// Ordered as the ids are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    /// 10 ms since the epoch.
    tick: u64,
    /// 8 bits, as wide as a tick has room.
    sequence: u8,
}

impl Reservations {
    fn new(machine_id: u16) -> Self {
        let last = Mutex::new(Place { tick: 0, sequence: 0 });
        Self { machine_id, last }
    }

    async fn next(&self) -> Result<u64, String> {
        let place = self.reserve(now_ticks);
        if place.tick >> TIME_BITS != 0 {
            return Err(format!(
                "sonyflake: want a clock within {TIME_BITS} bits of 10 ms since 2025"
            ));
        }
        until(place.tick).await;
        Ok(place.tick << 24 | u64::from(place.sequence) << 16 | u64::from(self.machine_id))
    }

    /// The next place. `clock` is read under the lock, as the library does, so that places rise with time.
    fn reserve(&self, clock: impl Fn() -> u64) -> Place {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let tick = clock();
        *last = if last.tick < tick {
            Place { tick, sequence: 0 }
        } else {
            let (sequence, is_full) = last.sequence.overflowing_add(1);
            Place {
                tick: last.tick + u64::from(is_full),
                sequence,
            }
        };
        *last
    }
}

/// Waits until the clock shows `tick`. tokio's timers end late by up to 1 ms and never early.
async fn until(tick: u64) {
    let due = Duration::from_millis(tick * TICK_MILLISECONDS);
    while let Some(left) = due.checked_sub(since_epoch()).filter(|left| !left.is_zero()) {
        sleep(left).await;
    }
}

fn now_ticks() -> u64 {
    (since_epoch().as_millis() / u128::from(TICK_MILLISECONDS)) as u64
}

/// A clock that is before the epoch stands still at it.
fn since_epoch() -> Duration {
    let epoch = SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH_UNIX_SECONDS);
    SystemTime::now().duration_since(epoch).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use tokio::task::JoinSet;

    use super::*;

    const BOTH: [Generator; 2] = [Generator::Blocking, Generator::Async];

    fn tick(id: u64) -> u64 {
        id >> 24
    }

    #[tokio::test]
    async fn ids_carry_machine_and_time() {
        for generator in BOTH {
            let ids = Ids::new(generator, 0xBEEF).unwrap();
            let before = now_ticks();
            let id = ids.next().await.unwrap();
            assert_eq!(id & 0xFFFF, 0xBEEF);
            assert!((before..=now_ticks()).contains(&tick(id)), "{id} is not of now");
        }
    }

    #[tokio::test]
    async fn an_answer_is_an_id_in_decimal_as_a_string() {
        let ids = Ids::new(Generator::Async, 1).unwrap();
        let answer = ids.answer().await;
        let text = std::str::from_utf8(&answer.body).unwrap();
        let id = text.strip_prefix(r#"{"id":""#).unwrap().strip_suffix(r#""}"#).unwrap();
        assert!(id.parse::<u64>().unwrap() > 1 << 53);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn ids_of_many_tasks_are_unique_and_rise_on_each() {
        for generator in BOTH {
            let ids = Arc::new(Ids::new(generator, 1).unwrap());
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let ids = Arc::clone(&ids);
                tasks.spawn(async move {
                    let mut made = Vec::new();
                    for _ in 0..250 {
                        made.push(ids.next().await.unwrap());
                    }
                    made
                });
            }
            let mut seen = HashSet::new();
            for made in tasks.join_all().await {
                assert!(made.is_sorted());
                seen.extend(made);
            }
            assert_eq!(seen.len(), 2000);
        }
    }

    #[tokio::test]
    async fn ids_asked_for_at_once_come_each_in_its_tick() {
        let ids = Arc::new(Ids::new(Generator::Async, 1).unwrap());
        let mut tasks = JoinSet::new();
        for _ in 0..600 {
            let ids = Arc::clone(&ids);
            tasks.spawn(async move {
                let id = ids.next().await.unwrap();
                assert!(tick(id) <= now_ticks(), "{id} came before its time");
                id
            });
        }
        let made: HashSet<_> = tasks.join_all().await.into_iter().collect();
        let ticks: HashSet<_> = made.iter().map(|id| tick(*id)).collect();
        assert_eq!(made.len(), 600);
        assert!(ticks.len() >= 3, "{} ticks hold 600 ids", ticks.len());
    }

    #[test]
    fn a_tick_has_256_places_and_the_next_follows() {
        let reservations = Reservations::new(1);
        let places: Vec<_> = (0..600).map(|_| reservations.reserve(|| 1000)).collect();
        assert!(places.is_sorted());
        assert_eq!(places.iter().collect::<HashSet<_>>().len(), 600);
        let in_tick = |tick| places.iter().filter(|place| place.tick == tick).count();
        assert_eq!([999, 1000, 1001, 1002, 1003].map(in_tick), [0, 256, 256, 88, 0]);
        // A clock that is behind goes on where the last place was; one that is ahead starts anew.
        assert_eq!(
            reservations.reserve(|| 7),
            Place {
                tick: 1002,
                sequence: 88
            }
        );
        assert_eq!(
            reservations.reserve(|| 2000),
            Place {
                tick: 2000,
                sequence: 0
            }
        );
    }
}
