use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    fasta::{STANDARD_NUCLEOTIDES, fasta},
    spread::each,
};

/// What is looked up: for each length, its beginning.
const MOTIF: &[u8] = b"ggtattttaatttatagt";
/// The lengths counted, the dearest first: each is one task.
const LENGTHS: [usize; 7] = [18, 12, 6, 4, 3, 2, 1];
/// Up to this length there are so few words that a counter for each fits the CPU's nearest cache.
const MOST_COUNTED: usize = 6;
const DIGIT_BITS: usize = 9;

/// What one length gives: how often the motif's beginning occurs, and how many different words there are.
#[derive(Clone, Copy, Default)]
struct Counted {
    found: usize,
    distinct: usize,
}

type Count = fn(codes: &[u8], length: usize, wanted: u64) -> Counted;

pub fn kernel() -> Kernel {
    let rows = vec![
        Row::new("same", "k-nucleotide-hash-map", |job| knucleotide(job, count_in_map)),
        Row::new("best", "k-nucleotide-radix-sort", |job| knucleotide(job, count_best)),
    ];
    Kernel::new("k-nucleotide", STANDARD_NUCLEOTIDES, 20..=50_000_000, rows).step(5)
}

/// Counts all words of each length, as letters of two bits.
fn knucleotide(job: Job, count: Count) -> Result<Run, String> {
    let sequence = fasta(job.n)?;
    Ok(Box::new(move || {
        let codes = encoded(&sequence);
        let word = encoded(MOTIF);
        let counts = each(job.threads, LENGTHS.len(), |task| {
            let length = LENGTHS[task];
            let wanted = word[..length].iter().fold(0, |word, &code| word << 2 | u64::from(code));
            count(&codes, length, wanted)
        });
        let texts: Vec<_> = counts
            .iter()
            .map(|count| format!("{}/{}", count.found, count.distinct))
            .collect();
        Output::Text(texts.join(","))
    }))
}

/// Maps a, c, t, g to 0, 1, 2, 3.
fn encoded(letters: &[u8]) -> Vec<u8> {
    letters.iter().map(|letter| letter >> 1 & 3).collect()
}

/// Every word of a length, in order.
fn words(codes: &[u8], length: usize) -> impl Iterator<Item = u64> {
    let (first, rest) = codes.split_at(length - 1);
    let mut word = first.iter().fold(0, |word, &code| word << 2 | u64::from(code));
    let mask = (1 << (2 * length)) - 1;
    rest.iter().map(move |&code| {
        word = (word << 2 | u64::from(code)) & mask;
        word
    })
}

/// One multiplication: the default hash is made to withstand chosen keys, which Go's, by the CPU's AES, does for less.
#[derive(Default)]
struct Multiplied(u64);

impl Hasher for Multiplied {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are words");
    }

    fn write_u64(&mut self, word: u64) {
        // The map takes its bucket from the low bits, where a product mixes least.
        self.0 = word.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

fn count_in_map(codes: &[u8], length: usize, wanted: u64) -> Counted {
    let mut counts: HashMap<u64, u32, BuildHasherDefault<Multiplied>> = HashMap::default();
    for word in words(codes, length) {
        *counts.entry(word).or_default() += 1;
    }
    Counted {
        found: counts.get(&wanted).map_or(0, |&count| count as usize),
        distinct: counts.len(),
    }
}

fn count_best(codes: &[u8], length: usize, wanted: u64) -> Counted {
    if length > MOST_COUNTED {
        return count_sorted(codes, length, wanted);
    }
    let mut counts = vec![0_u32; 1 << (2 * length)];
    for word in words(codes, length) {
        counts[word as usize] += 1;
    }
    Counted {
        found: counts[wanted as usize] as usize,
        distinct: counts.iter().filter(|&&count| count > 0).count(),
    }
}

/// Sorts the words: a table of millions of them misses the caches at each step, a sort by digits does not.
fn count_sorted(codes: &[u8], length: usize, wanted: u64) -> Counted {
    let sorted = sorted(words(codes, length).collect(), 2 * length);
    Counted {
        found: sorted.iter().filter(|&&word| word == wanted).count(),
        distinct: 1 + sorted.windows(2).filter(|pair| pair[0] != pair[1]).count(),
    }
}

/// Orders words of so many bits, digit by digit from the lowest.
fn sorted(mut words: Vec<u64>, bits: usize) -> Vec<u64> {
    let mut target = vec![0; words.len()];
    for shift in (0..bits).step_by(DIGIT_BITS) {
        let digit = |word: u64| (word >> shift) as usize & ((1 << DIGIT_BITS) - 1);
        let mut next = [0; 1 << DIGIT_BITS];
        for &word in &words {
            next[digit(word)] += 1;
        }
        let mut begin = 0;
        for place in &mut next {
            begin += std::mem::replace(place, begin);
        }
        for &word in &words {
            let place = &mut next[digit(word)];
            target[*place] = word;
            *place += 1;
        }
        std::mem::swap(&mut words, &mut target);
    }
    words
}
