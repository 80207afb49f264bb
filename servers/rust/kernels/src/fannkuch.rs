#[cfg(target_arch = "x86_64")]
use crate::fannkuch_sse;
use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    spread::each,
};

/// The room for a permutation: a power of two, so that masked indices need no check, and above the greatest n.
pub const MOST_PLACES: usize = 16;

pub type Places = [usize; MOST_PLACES];

/// What a range of permutations adds up to.
#[derive(Clone, Copy, Default)]
pub struct Score {
    pub sum: i64,
    pub most: i64,
}

impl Score {
    /// Permutations come in pairs of which the first counts plus, the second minus.
    pub fn add_pair(&mut self, even: i64, odd: i64) {
        self.sum += even - odd;
        self.most = self.most.max(even).max(odd);
    }
}

type ScoreOf = fn(n: usize, begin: usize, end: usize) -> Score;

pub fn kernel() -> Kernel {
    let same = Row::new("same", "fannkuch-swap", |job| Ok(fannkuch(job, score_by_swaps)));
    let best = best(&same);
    Kernel::new("fannkuch", 11, 4..=12, vec![same, best])
}

#[cfg(target_arch = "x86_64")]
fn best(same: &Row) -> Row {
    if is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1") {
        return Row::new("best", "fannkuch-shuffle", |job| {
            // SAFETY: this row exists only where the CPU has both.
            Ok(fannkuch(job, |n, begin, end| unsafe {
                fannkuch_sse::score(n, begin, end)
            }))
        })
        .simd("sse4.1");
    }
    same.as_best()
}

#[cfg(not(target_arch = "x86_64"))]
fn best(same: &Row) -> Row {
    same.as_best()
}

/// Splits the n! permutations into n*(n-1) ranges. Each begins at an even number, as (n-2)! is even from n = 4.
fn fannkuch(job: Job, score_of: ScoreOf) -> Run {
    Box::new(move || {
        let blocks = job.n * (job.n - 1);
        let length = factorial(job.n - 2);
        let parts = each(job.threads, blocks, |block| {
            score_of(job.n, block * length, (block + 1) * length)
        });
        let sum: i64 = parts.iter().map(|part| part.sum).sum();
        let most = parts.iter().map(|part| part.most).max().unwrap_or_default();
        Output::Text(format!("{sum},{most}"))
    })
}

fn factorial(n: usize) -> usize {
    (2..=n).product()
}

/// The permutation of a number in the game's order, and the turns that each prefix has made to get there.
pub fn unrank(n: usize, mut number: usize) -> (Places, Places) {
    let mut perm = std::array::from_fn(|i| i);
    let mut turns = [0; MOST_PLACES];
    for last in (1..n).rev() {
        turns[last] = number / factorial(last);
        number %= factorial(last);
        perm[..=last].rotate_left(turns[last]);
    }
    (perm, turns)
}

fn score_by_swaps(n: usize, begin: usize, end: usize) -> Score {
    let (mut perm, mut turns) = unrank(n, begin);
    let mut total = Score::default();
    for _ in (begin..end).step_by(2) {
        let even = flips(&perm);
        perm.swap(0, 1);
        let odd = flips(&perm);
        total.add_pair(even, odd);

        // The next pair: the first three turn, and for each prefix that has come round, the next longer one.
        perm.swap(1, 2);
        let mut last = 2;
        turns[last] += 1;
        while turns[last] > last {
            turns[last] = 0;
            let first = perm[0];
            perm.copy_within(1..last + 2, 0);
            last += 1;
            perm[last] = first;
            turns[last] += 1;
        }
    }
    total
}

/// Reverses the first perm[0]+1 places until 0 is first. Place 0 itself is kept in a variable.
fn flips(perm: &Places) -> i64 {
    const MASK: usize = MOST_PLACES - 1;
    let mut first = perm[0];
    if first == 0 {
        return 0;
    }
    if perm[first & MASK] == 0 {
        return 1;
    }
    let mut work = *perm;
    let mut count = 1;
    loop {
        let next = work[first & MASK];
        if next == 0 {
            return count;
        }
        work[first & MASK] = first;
        let (mut low, mut high) = (1, first - 1);
        while low < high {
            work.swap(low & MASK, high & MASK);
            low += 1;
            high -= 1;
        }
        first = next;
        count += 1;
    }
}
