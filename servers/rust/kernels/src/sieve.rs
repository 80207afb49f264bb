use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    segments::{Segments, primes_below},
    spread::each,
};

/// How many primes a range has, and the greatest.
#[derive(Clone, Copy, Default)]
struct Found {
    count: usize,
    last: u64,
}

pub fn kernel() -> Kernel {
    let rows = vec![
        Row::new("same", "sieve-bools", |job| Ok(sieve(job, sieve_in_parts))),
        Row::new("best", "sieve-segmented-odd", |job| Ok(sieve(job, sieve_in_segments))),
    ];
    Kernel::new("sieve", 10_000_000, 10..=200_000_000, rows)
}

fn sieve(job: Job, primes_up_to: fn(Job) -> Vec<Found>) -> Run {
    Box::new(move || {
        let parts = primes_up_to(job);
        let count: usize = parts.iter().map(|part| part.count).sum();
        let last = parts.iter().map(|part| part.last).max().unwrap_or_default();
        Output::Text(format!("{count},{last}"))
    })
}

/// The textbook's sieve: a flag for each number. With one thread it has one part, else one for each.
fn sieve_in_parts(job: Job) -> Vec<Found> {
    let base = primes_below((job.n as f64).sqrt());
    let length = (job.n + 1).div_ceil(job.threads);
    each(job.threads, job.threads, |part| {
        let begin = part * length;
        let mut composite = vec![false; length.min((job.n + 1).saturating_sub(begin))];
        for &prime in &base {
            let first = (prime * prime).max(begin.div_ceil(prime) * prime);
            let mut i = first - begin;
            while i < composite.len() {
                composite[i] = true;
                i += prime;
            }
        }
        let mut total = Found::default();
        for (i, &crossed) in composite.iter().enumerate() {
            if !crossed && begin + i > 1 {
                total = Found {
                    count: total.count + 1,
                    last: (begin + i) as u64,
                };
            }
        }
        total
    })
}

fn sieve_in_segments(job: Job) -> Vec<Found> {
    let plan = Segments::new(job.n as u64);
    let mut parts = each(job.threads, plan.number, |segment| {
        let sieved = plan.sieved(segment);
        Found {
            count: sieved.primes(),
            last: sieved.last().unwrap_or_default(),
        }
    });
    parts.push(Found { count: 1, last: 2 });
    parts
}
