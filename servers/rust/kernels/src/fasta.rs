use crate::measure::hex_sha256;

// The linear congruential generator of the benchmarks game's fasta.
const MODULUS: u32 = 139_968;
const MULTIPLIER: u32 = 3877;
const INCREMENT: u32 = 29_573;
const SEED: u32 = 42;

pub const STANDARD_NUCLEOTIDES: usize = 2_500_000;
/// Of the sequence of `STANDARD_NUCLEOTIDES`.
const SHA256: &str = "1b3495f95adeed5f3208c06616fa7e463f45d7941951932f8a29d362b0eb8710";

/// The sequence THREE that the game's fasta prints for n/5, without its line ends: n nucleotides in small letters.
/// Sequence TWO comes before it and takes three numbers for its every five.
pub fn fasta(n: usize) -> Result<Vec<u8>, String> {
    let mut seed = SEED;
    let mut next = || {
        seed = (seed * MULTIPLIER + INCREMENT) % MODULUS;
        seed
    };
    for _ in 0..n / 5 * 3 {
        next();
    }
    let sequence: Vec<_> = (0..n).map(|_| nucleotide(next())).collect();
    if n == STANDARD_NUCLEOTIDES && hex_sha256(&sequence) != SHA256 {
        return Err("the input is not the one that every published figure was made with".to_owned());
    }
    Ok(sequence)
}

/// The game's cumulative probabilities of Homo sapiens (0.3029549426680, 0.5009432431601 and 0.6984905497992) times the
/// modulus, rounded up: whole numbers cannot round differently in another language.
fn nucleotide(seed: u32) -> u8 {
    match seed {
        0..42_404 => b'a',
        42_404..70_117 => b'c',
        70_117..97_767 => b'g',
        _ => b't',
    }
}
