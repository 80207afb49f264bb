#[cfg(target_arch = "x86_64")]
use crate::grey_ssse;
use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    spread::{fill, spread},
};

/// Weights of red, green and blue in 256ths (ITU-R BT.601).
pub const WEIGHTS: [u8; 3] = [77, 150, 29];

/// Turns pixels of three bytes into pixels of one.
type Line = fn(rgb: &[u8], out: &mut [u8]);

pub fn kernel() -> Kernel {
    let same = Row::new("same", "grey-integer", |job| Ok(grey(job, by_pixel)));
    let best = best(&same);
    Kernel::new("grey", 4096, 1..=16384, vec![same, best])
}

#[cfg(target_arch = "x86_64")]
fn best(same: &Row) -> Row {
    if is_x86_feature_detected!("ssse3") {
        return Row::new("best", "grey-shuffle", |job| {
            // SAFETY: this row exists only where the CPU has the feature.
            Ok(grey(job, |rgb, out| unsafe { grey_ssse::by_sixteen(rgb, out) }))
        })
        .simd("ssse3");
    }
    same.as_best()
}

#[cfg(not(target_arch = "x86_64"))]
fn best(same: &Row) -> Row {
    same.as_best()
}

/// Converts n x n pixels, row by row.
fn grey(job: Job, line: Line) -> Run {
    let mut image = vec![0; 3 * job.n * job.n];
    fill(&mut image, 2);
    let mut converted = vec![1; job.n * job.n]; // written once, so that its pages are there
    Box::new(move || {
        spread(job.threads, &mut converted, job.n, |y, out| {
            line(&image[3 * y * job.n..3 * (y + 1) * job.n], out);
        });
        Output::Bytes(converted)
    })
}

pub fn by_pixel(rgb: &[u8], out: &mut [u8]) {
    for (i, out) in out.iter_mut().enumerate() {
        let pixel = &rgb[3 * i..3 * i + 3];
        let [red, green, blue] = WEIGHTS.map(u32::from);
        *out = ((red * u32::from(pixel[0]) + green * u32::from(pixel[1]) + blue * u32::from(pixel[2])) >> 8) as u8;
    }
}
