use std::arch::x86_64::{
    __m128i, _mm_blendv_epi8, _mm_cvtsi128_si32, _mm_set_epi64x, _mm_setzero_si128, _mm_shuffle_epi8, _mm_sub_epi8,
};

use crate::fannkuch::{MOST_PLACES, Score, unrank};

/// `score_by_swaps` with a permutation in one register, a byte a place: reversing or turning a prefix is one shuffle.
#[target_feature(enable = "ssse3,sse4.1")]
pub fn score(n: usize, begin: usize, end: usize) -> Score {
    let (start, mut turns) = unrank(n, begin);
    let mut perm = register(|i| start[i]);
    let places = register(|i| i);
    let turn: [__m128i; MOST_PLACES] =
        std::array::from_fn(|last| register(|i| if i > last { i } else { (i + 1) % (last + 1) }));
    let mut total = Score::default();
    for _ in (begin..end).step_by(2) {
        let (even, odd) = flips_of_two(perm, _mm_shuffle_epi8(perm, turn[1]), places);
        total.add_pair(even, odd);

        perm = _mm_shuffle_epi8(perm, turn[2]);
        let mut last = 2;
        turns[last] += 1;
        while turns[last] > last {
            turns[last] = 0;
            last += 1;
            perm = _mm_shuffle_epi8(perm, turn[last]);
            turns[last] += 1;
        }
    }
    total
}

/// Works on both at once, for the CPU has room for two chains. A reversal of one place changes nothing, so the shorter
/// chain waits at its end.
#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn flips_of_two(mut a: __m128i, mut b: __m128i, places: __m128i) -> (i64, i64) {
    let (mut flips_a, mut flips_b) = (0, 0);
    loop {
        let (first_a, first_b) = (_mm_cvtsi128_si32(a) & 255, _mm_cvtsi128_si32(b) & 255);
        if first_a | first_b == 0 {
            return (flips_a, flips_b);
        }
        flips_a += i64::from(first_a != 0);
        flips_b += i64::from(first_b != 0);
        a = flipped(a, places);
        b = flipped(b, places);
    }
}

/// Turns round as many places as the first one says. The shuffle is computed, which takes less time than fetching it:
/// place i gets first - i, and keeps itself where that is negative.
#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn flipped(perm: __m128i, places: __m128i) -> __m128i {
    let first = _mm_shuffle_epi8(perm, _mm_setzero_si128());
    let mirrored = _mm_sub_epi8(first, places);
    _mm_shuffle_epi8(perm, _mm_blendv_epi8(mirrored, places, mirrored))
}

#[inline]
#[target_feature(enable = "ssse3,sse4.1")]
fn register(byte: impl Fn(usize) -> usize) -> __m128i {
    let half = |from: usize| i64::from_le_bytes(std::array::from_fn(|i| byte(from + i) as u8));
    _mm_set_epi64x(half(8), half(0))
}
