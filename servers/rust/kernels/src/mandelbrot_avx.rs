use std::arch::x86_64::{
    __m256d, _CMP_LE_OQ, _mm256_add_pd, _mm256_cmp_pd, _mm256_movemask_pd, _mm256_mul_pd, _mm256_set_pd,
    _mm256_set1_pd, _mm256_setzero_pd, _mm256_sub_pd,
};

use crate::mandelbrot::{CHECK_EVERY, STEPS};

/// Points in one register.
const WIDTH: usize = 4;

/// Sixteen points at a time: four chains hide each other's waiting, and fit the registers as long as only z is kept
/// from step to step. The last eight are alone where the number of bytes is odd.
#[target_feature(enable = "avx")]
pub fn row(columns: &[f64], ci: f64, out: &mut [u8]) {
    let (pairs, last) = out.as_chunks_mut::<2>();
    let (sixteens, eight) = columns.as_chunks::<16>();
    for (cr, out) in sixteens.iter().zip(pairs) {
        let [a, b, c, d] = inside(registers(cr), ci);
        *out = [a << 4 | b, c << 4 | d];
    }
    if let ([out], (cr, _)) = (last, eight.as_chunks::<8>()) {
        let [a, b] = inside(registers(&cr[0]), ci);
        *out = a << 4 | b;
    }
}

/// The first point is the highest in its register, as its bit is in the picture.
#[inline]
#[target_feature(enable = "avx")]
fn registers<const POINTS: usize, const REGISTERS: usize>(cr: &[f64; POINTS]) -> [__m256d; REGISTERS] {
    std::array::from_fn(|i| {
        let four = &cr[i * WIDTH..][..WIDTH];
        _mm256_set_pd(four[0], four[1], four[2], four[3])
    })
}

/// For each register, a bit for each point that never left.
#[inline]
#[target_feature(enable = "avx")]
fn inside<const REGISTERS: usize>(cr: [__m256d; REGISTERS], ci: f64) -> [u8; REGISTERS] {
    let ci = _mm256_set1_pd(ci);
    let four = _mm256_set1_pd(4.0);
    let (mut zr, mut zi) = ([_mm256_setzero_pd(); REGISTERS], [_mm256_setzero_pd(); REGISTERS]);
    let mut within = [0; REGISTERS];
    for _ in 0..STEPS / CHECK_EVERY {
        for _ in 0..CHECK_EVERY {
            for i in 0..REGISTERS {
                let (tr, ti) = (_mm256_mul_pd(zr[i], zr[i]), _mm256_mul_pd(zi[i], zi[i]));
                zi[i] = _mm256_add_pd(_mm256_mul_pd(_mm256_add_pd(zr[i], zr[i]), zi[i]), ci);
                zr[i] = _mm256_add_pd(_mm256_sub_pd(tr, ti), cr[i]);
            }
        }
        for i in 0..REGISTERS {
            let square = _mm256_add_pd(_mm256_mul_pd(zr[i], zr[i]), _mm256_mul_pd(zi[i], zi[i]));
            within[i] = _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(square, four)) as u8;
        }
        if within == [0; REGISTERS] {
            break;
        }
    }
    within
}
