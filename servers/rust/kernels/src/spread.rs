use std::{sync::Mutex, thread};

/// Hands each chunk of data, with its number, to work. A thread takes the next chunk when it has done one: chunks cost
/// unequal time. Every kernel's `all` is this split, in every language.
pub fn spread<T: Send>(threads: usize, data: &mut [T], chunk: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let chunks = Mutex::new(data.chunks_mut(chunk).enumerate());
    let worker = || {
        loop {
            // A statement of its own, so that the lock is free again while the work goes on.
            let next = chunks.lock().expect("nobody panics with it").next();
            let Some((number, part)) = next else { return };
            work(number, part);
        }
    };
    if threads == 1 {
        return worker();
    }
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(worker);
        }
    });
}

/// Spreads tasks 0 to tasks-1, and returns what work made of them, in order.
pub fn each<R: Clone + Default + Send>(threads: usize, tasks: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let mut results = vec![R::default(); tasks];
    spread(threads, &mut results, 1, |task, slot| slot[0] = work(task));
    results
}

/// Writes the bytes of splitmix64: the same input in every language, without shipping it.
pub fn fill(data: &mut [u8], mut seed: u64) {
    for part in data.chunks_mut(8) {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        part.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..part.len()]);
    }
}
