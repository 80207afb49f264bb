use std::arch::x86_64::{
    __m128i, _mm_add_epi16, _mm_loadu_si128, _mm_mullo_epi16, _mm_or_si128, _mm_packus_epi16, _mm_set1_epi16,
    _mm_setzero_si128, _mm_shuffle_epi8, _mm_srli_epi16, _mm_storeu_si128, _mm_unpackhi_epi8, _mm_unpacklo_epi8,
};

use crate::grey::{WEIGHTS, by_pixel};

const PIXELS: usize = 16;
const REGISTERS: usize = 3;

/// For each colour and each of the three registers that hold sixteen pixels: which byte goes where, 0x80 for none.
static PLACES: [[[u8; PIXELS]; REGISTERS]; 3] = places();

const fn places() -> [[[u8; PIXELS]; REGISTERS]; 3] {
    let mut places = [[[0x80; PIXELS]; REGISTERS]; 3];
    let mut byte = 0;
    while byte < PIXELS * 3 {
        places[byte % 3][byte / PIXELS][byte / 3] = (byte % PIXELS) as u8;
        byte += 1;
    }
    places
}

/// Sixteen pixels at a time: three shuffles gather a colour, and a weighted sum is below 2^16.
#[target_feature(enable = "ssse3")]
pub fn by_sixteen(rgb: &[u8], out: &mut [u8]) {
    let zero = _mm_setzero_si128();
    let weights = WEIGHTS.map(|weight| _mm_set1_epi16(weight.into()));
    let places = PLACES
        .each_ref()
        .map(|colour| colour.each_ref().map(|places| load(places)));
    let (groups, rest) = out.as_chunks_mut::<PIXELS>();
    let done = groups.len() * PIXELS;
    for (bytes, group) in rgb.as_chunks::<{ PIXELS * 3 }>().0.iter().zip(groups) {
        let (parts, _) = bytes.as_chunks::<PIXELS>();
        let parts = [load(&parts[0]), load(&parts[1]), load(&parts[2])];
        let (mut low, mut high) = (zero, zero);
        for (&[a, b, c], weight) in places.iter().zip(weights) {
            let gathered = _mm_or_si128(
                _mm_shuffle_epi8(parts[0], a),
                _mm_or_si128(_mm_shuffle_epi8(parts[1], b), _mm_shuffle_epi8(parts[2], c)),
            );
            low = _mm_add_epi16(low, _mm_mullo_epi16(_mm_unpacklo_epi8(gathered, zero), weight));
            high = _mm_add_epi16(high, _mm_mullo_epi16(_mm_unpackhi_epi8(gathered, zero), weight));
        }
        let grey = _mm_packus_epi16(_mm_srli_epi16::<8>(low), _mm_srli_epi16::<8>(high));
        // SAFETY: a group has the 16 bytes that are written; it need not be aligned.
        unsafe { _mm_storeu_si128(group.as_mut_ptr().cast(), grey) };
    }
    by_pixel(&rgb[3 * done..], rest);
}

#[inline]
#[target_feature(enable = "ssse3")]
fn load(bytes: &[u8; PIXELS]) -> __m128i {
    // SAFETY: there are the 16 bytes that are read; they need not be aligned.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}
