use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    spread::{fill, spread},
};

/// The side of the square of weights.
const SIZE: usize = 5;

/// No product of a row and a column, so that nobody may split it. Weights and pixels are small whole numbers: every sum
/// is exact in 32-bit floating point, in any order, fused or not.
static FILTER: [[f32; SIZE]; SIZE] = [
    [1.0, 2.0, 3.0, 2.0, 1.0],
    [2.0, 4.0, 5.0, 4.0, 2.0],
    [3.0, 5.0, 7.0, 5.0, 3.0],
    [2.0, 4.0, 5.0, 4.0, 2.0],
    [1.0, 2.0, 3.0, 2.0, 1.0],
];

/// Makes one row of the result from five of the image.
type Line = fn(rows: &[&[f32]; SIZE], out: &mut [f32]);

pub fn kernel() -> Kernel {
    let same = Row::new("same", "convolution-direct", |job| {
        Ok(convolution(job, filter_directly))
    });
    let best = best(&same);
    Kernel::new("convolution", 2048, SIZE..=16384, vec![same, best])
}

#[cfg(target_arch = "x86_64")]
fn best(same: &Row) -> Row {
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return Row::new("best", "convolution-lanes32", |job| {
            // SAFETY: this row exists only where the CPU has both.
            Ok(convolution(job, |rows, out| unsafe { filter_lanes(rows, out) }))
        })
        .simd("avx2 fma");
    }
    same.as_best()
}

#[cfg(not(target_arch = "x86_64"))]
fn best(same: &Row) -> Row {
    same.as_best()
}

/// Filters an n x n image where the filter fits: the result has n-4 rows.
fn convolution(job: Job, line: Line) -> Run {
    let image = pixels(job.n * job.n);
    let width = job.n - SIZE + 1;
    let mut filtered = vec![1.0; width * width]; // written once, so that its pages are there
    Box::new(move || {
        spread(job.threads, &mut filtered, width, |y, out| {
            let rows = std::array::from_fn(|i| &image[(y + i) * job.n..(y + i + 1) * job.n]);
            line(&rows, out);
        });
        Output::Floats(filtered)
    })
}

/// Whole numbers from 0 to 255.
fn pixels(count: usize) -> Vec<f32> {
    let mut raw = vec![0; count];
    fill(&mut raw, 1);
    raw.into_iter().map(f32::from).collect()
}

fn filter_directly(rows: &[&[f32]; SIZE], out: &mut [f32]) {
    for (x, out) in out.iter_mut().enumerate() {
        let mut sum = 0.0;
        for i in 0..SIZE {
            for j in 0..SIZE {
                sum += FILTER[i][j] * rows[i][x + j];
            }
        }
        *out = sum;
    }
}

/// Makes as many results at once as fill four registers: the compiler sees that all of them take the same steps.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn filter_lanes(rows: &[&[f32]; SIZE], out: &mut [f32]) {
    const LANES: usize = 32;
    let (parts, rest) = out.as_chunks_mut::<LANES>();
    let done = parts.len() * LANES;
    for (part, results) in parts.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for (row, weights) in rows.iter().zip(&FILTER) {
            let row = &row[part * LANES..][..LANES + SIZE - 1];
            for (j, &weight) in weights.iter().enumerate() {
                for (sum, &value) in sums.iter_mut().zip(&row[j..]) {
                    *sum = weight.mul_add(value, *sum);
                }
            }
        }
        *results = sums;
    }
    filter_directly(&rows.map(|row| &row[done..]), rest);
}
