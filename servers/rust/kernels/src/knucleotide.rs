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
/// A slot of the table has a word of at most 36 bits, and below it how often it came: at most the greatest n.
const COUNT_BITS: u32 = 28;
const LEAST_SLOTS: usize = 1 << 12;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

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
        Row::new("best", "k-nucleotide-packed-table", |job| knucleotide(job, count_best)),
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
        self.0 = word.wrapping_mul(MULTIPLIER).rotate_left(26);
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
        return count_in_table(codes, length, wanted);
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

/// Counts words in one array: the next slot is tried where another word has one, and 0 is free.
struct Table {
    slots: Vec<u64>,
    used: usize,
}

impl Table {
    fn new(slots: usize) -> Self {
        Self {
            slots: vec![0; slots],
            used: 0,
        }
    }

    /// Where a word is, or would be.
    fn slot(&mut self, word: u64) -> &mut u64 {
        let mask = self.slots.len() - 1;
        let mut i = (word.wrapping_mul(MULTIPLIER) >> (64 - self.slots.len().trailing_zeros())) as usize;
        loop {
            let slot = self.slots[i & mask];
            if slot == 0 || slot >> COUNT_BITS == word {
                return &mut self.slots[i & mask];
            }
            i += 1;
        }
    }

    fn count(&mut self, word: u64) {
        let slot = self.slot(word);
        if *slot != 0 {
            *slot += 1;
            return;
        }
        self.used += 1;
        if 4 * self.used > 3 * self.slots.len() {
            self.grow();
        }
        *self.slot(word) = (word << COUNT_BITS) + 1;
    }

    fn grow(&mut self) {
        let mut wider = Self::new(2 * self.slots.len());
        for &slot in self.slots.iter().filter(|&&slot| slot != 0) {
            *wider.slot(slot >> COUNT_BITS) = slot;
        }
        self.slots = wider.slots;
    }
}

fn count_in_table(codes: &[u8], length: usize, wanted: u64) -> Counted {
    let mut table = Table::new(LEAST_SLOTS);
    words(codes, length).for_each(|word| table.count(word));
    Counted {
        found: (*table.slot(wanted) & ((1 << COUNT_BITS) - 1)) as usize,
        distinct: table.used,
    }
}
