/// How many numbers a segment spans: its odd ones have a bit each, 32 KiB in all, which stay in the CPU's nearest cache.
const SEGMENT_NUMBERS: u64 = 1 << 19;

/// The numbers from 0 to a limit, split.
pub struct Segments {
    limit: u64,
    pub number: usize,
    /// Odd primes up to the square root of the limit.
    base: Vec<u64>,
}

/// A bit for each odd number that is no prime, or above the limit. Bit i stands for begin + 2i + 1.
pub struct Sieved {
    begin: u64,
    composite: Vec<u64>,
}

impl Segments {
    pub fn new(limit: u64) -> Self {
        let base = primes_below((limit as f64).sqrt());
        Self {
            limit,
            number: (limit / SEGMENT_NUMBERS) as usize + 1,
            base: base.into_iter().skip(1).map(|prime| prime as u64).collect(),
        }
    }

    pub fn sieved(&self, segment: usize) -> Sieved {
        let begin = segment as u64 * SEGMENT_NUMBERS;
        let odd = (SEGMENT_NUMBERS / 2).min((self.limit - begin).div_ceil(2)) as usize;
        let mut composite = vec![0_u64; odd.div_ceil(64)];
        if !odd.is_multiple_of(64) {
            composite[odd / 64] = u64::MAX << (odd % 64);
        }
        if segment == 0 {
            composite[0] |= 1;
        }
        for &prime in &self.base {
            let mut multiple = prime * prime;
            if multiple < begin {
                multiple = begin.div_ceil(prime) * prime;
                if multiple.is_multiple_of(2) {
                    multiple += prime;
                }
            }
            let mut i = ((multiple - begin) / 2) as usize;
            while i < odd {
                composite[i / 64] |= 1 << (i % 64);
                i += prime as usize;
            }
        }
        Sieved { begin, composite }
    }
}

impl Sieved {
    pub fn primes(&self) -> usize {
        self.composite.iter().map(|word| word.count_zeros() as usize).sum()
    }

    /// The greatest prime, where there is one.
    pub fn last(&self) -> Option<u64> {
        let word = self.composite.iter().rposition(|&word| word != u64::MAX)?;
        Some(self.value(word, 63 - (!self.composite[word]).leading_zeros()))
    }

    /// The n-th prime of a segment that has as many.
    pub fn nth(&self, mut n: usize) -> u64 {
        for (word, &bits) in self.composite.iter().enumerate() {
            let mut left = !bits;
            while left != 0 {
                n -= 1;
                if n == 0 {
                    return self.value(word, left.trailing_zeros());
                }
                left &= left - 1;
            }
        }
        unreachable!("the segment has fewer primes")
    }

    fn value(&self, word: usize, bit: u32) -> u64 {
        self.begin + 2 * (word as u64 * 64 + u64::from(bit)) + 1
    }
}

/// Every prime up to the root.
pub fn primes_below(root: f64) -> Vec<usize> {
    let mut composite = vec![false; root as usize + 1];
    let mut primes = Vec::new();
    for i in 2..composite.len() {
        if !composite[i] {
            primes.push(i);
            for multiple in (i * i..composite.len()).step_by(i) {
                composite[multiple] = true;
            }
        }
    }
    primes
}
