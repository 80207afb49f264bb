use std::{collections::HashMap, sync::Mutex, thread};

use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    segments::Segments,
    spread::each,
};

/// How many candidates a thread takes at once.
const CANDIDATE_BLOCK: u32 = 256;

pub fn kernel() -> Kernel {
    let rows = vec![
        Row::new("same", "prime-trial-division", |job| Ok(nth_prime(job, by_division))),
        Row::new("best", "prime-sieve", |job| Ok(nth_prime(job, by_sieve))),
    ];
    Kernel::new("prime", 10_000, 1..=100_000, rows)
}

fn nth_prime(job: Job, search: fn(Job) -> u64) -> Run {
    Box::new(move || Output::Text(search(job).to_string()))
}

/// Tries every divisor up to the square root, which is taken once.
fn is_prime(candidate: u32) -> bool {
    let root = f64::from(candidate).sqrt() as u32;
    let mut i = 2;
    while i <= root {
        if candidate.is_multiple_of(i) {
            return false;
        }
        i += 1;
    }
    true
}

fn by_division(job: Job) -> u64 {
    if job.threads > 1 {
        return by_division_in_blocks(job);
    }
    if job.n == 1 {
        return 2;
    }
    let mut found = 1;
    let mut candidate = 3;
    loop {
        if is_prime(candidate) {
            found += 1;
            if found == job.n {
                return candidate.into();
            }
        }
        candidate += 1;
    }
}

/// What threads share. Blocks end in any order and are counted in theirs.
#[derive(Default)]
struct Search {
    wanted: usize,
    taken: u32,
    counted: u32,
    primes: usize,
    /// Blocks that ended before an earlier one.
    ahead: HashMap<u32, Vec<u32>>,
    answer: Option<u32>,
}

fn by_division_in_blocks(job: Job) -> u64 {
    let search = Mutex::new(Search {
        wanted: job.n,
        ..Search::default()
    });
    let locked = || search.lock().expect("nobody panics with it");
    let worker = || {
        loop {
            let next = locked().take();
            let Some(block) = next else { return };
            let primes = primes_of(block);
            locked().put(block, primes);
        }
    };
    thread::scope(|scope| {
        for _ in 0..job.threads {
            scope.spawn(worker);
        }
    });
    let answer = locked().answer;
    answer.expect("the workers end when they have it").into()
}

impl Search {
    fn take(&mut self) -> Option<u32> {
        self.taken += 1;
        self.answer.is_none().then(|| self.taken - 1)
    }

    fn put(&mut self, block: u32, primes: Vec<u32>) {
        self.ahead.insert(block, primes);
        while self.answer.is_none() {
            let Some(next) = self.ahead.remove(&self.counted) else {
                return;
            };
            self.counted += 1;
            self.answer = next.get(self.wanted - self.primes - 1).copied();
            self.primes += next.len();
        }
    }
}

/// Tries the candidates of a block, from 2 on.
fn primes_of(block: u32) -> Vec<u32> {
    let begin = 2 + block * CANDIDATE_BLOCK;
    (begin..begin + CANDIDATE_BLOCK)
        .filter(|&candidate| is_prime(candidate))
        .collect()
}

/// Crosses out up to a bound above the n-th prime (Rosser), and finds it in the segment where it must lie.
fn by_sieve(job: Job) -> u64 {
    if job.n == 1 {
        return 2;
    }
    let n = job.n.max(6) as f64;
    let plan = Segments::new((n * (n.ln() + n.ln().ln())).ceil() as u64 + 1);
    let counts = each(job.threads, plan.number, |segment| plan.sieved(segment).primes());
    let mut wanted = job.n - 1; // 2 is not in the segments
    for (segment, &count) in counts.iter().enumerate() {
        if wanted <= count {
            return plan.sieved(segment).nth(wanted);
        }
        wanted -= count;
    }
    unreachable!("the bound lies above the n-th prime")
}
