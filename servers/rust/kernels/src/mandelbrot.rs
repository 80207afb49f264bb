#[cfg(target_arch = "x86_64")]
use crate::mandelbrot_avx;
use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    spread::spread,
};

pub const STEPS: usize = 50;
pub const CHECK_EVERY: usize = 5;

/// Draws one row into `out`: `columns` are the real parts of the points, `ci` is their imaginary part.
type Line = fn(columns: &[f64], ci: f64, out: &mut [u8]);

pub fn kernel() -> Kernel {
    let lanes = Row::new("same", "mandelbrot-lanes8", |job| Ok(mandelbrot(job, row_of_lanes)))
        .mode("lanes8")
        .simd("lanes8");
    let best = best(&lanes);
    let scalar = Row::new("same", "mandelbrot-scalar", |job| Ok(mandelbrot(job, row_scalar))).mode("scalar");
    Kernel::new("mandelbrot", 5000, 8..=32768, vec![scalar, lanes, best]).step(8)
}

#[cfg(target_arch = "x86_64")]
fn best(lanes: &Row) -> Row {
    if is_x86_feature_detected!("avx") {
        return Row::new("best", "mandelbrot-lanes16", |job| {
            // SAFETY: this row exists only where the CPU has the feature.
            Ok(mandelbrot(job, |columns, ci, out| unsafe {
                mandelbrot_avx::row(columns, ci, out)
            }))
        })
        .simd("avx");
    }
    without_mode(lanes)
}

#[cfg(not(target_arch = "x86_64"))]
fn best(lanes: &Row) -> Row {
    without_mode(lanes)
}

fn without_mode(row: &Row) -> Row {
    Row {
        mode: None,
        ..row.as_best()
    }
}

/// Draws n x n pixels, one bit each, row by row.
fn mandelbrot(job: Job, line: Line) -> Run {
    let scale = 2.0 / job.n as f64;
    let columns: Vec<_> = (0..job.n).map(|x| x as f64 * scale - 1.5).collect();
    let mut pixels = vec![0; job.n * job.n / 8];
    Box::new(move || {
        spread(job.threads, &mut pixels, job.n / 8, |y, out| {
            line(&columns, y as f64 * scale - 1.0, out);
        });
        Output::Bytes(pixels)
    })
}

fn row_scalar(columns: &[f64], ci: f64, out: &mut [u8]) {
    for (eight, out) in columns.chunks_exact(8).zip(out) {
        *out = eight.iter().fold(0, |bits, &cr| bits << 1 | inside(cr, ci));
    }
}

fn inside(cr: f64, ci: f64) -> u8 {
    let (mut zr, mut zi, mut tr, mut ti) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..STEPS {
        zi = (zr + zr) * zi + ci;
        zr = tr - ti + cr;
        tr = zr * zr;
        ti = zi * zi;
        if tr + ti > 4.0 {
            return 0;
        }
    }
    1
}

/// Eight numbers that take the same steps; a compiler may put them into wide registers.
type Vector = [f64; 8];

fn row_of_lanes(columns: &[f64], ci: f64, out: &mut [u8]) {
    for (cr, out) in columns.as_chunks().0.iter().zip(out) {
        *out = inside_of_lanes(cr, ci);
    }
}

/// A point that has left never comes back, as |c| < 2, so it is enough to look every few steps; what overflowed
/// compares as outside.
fn inside_of_lanes(cr: &Vector, ci: f64) -> u8 {
    let [mut zr, mut zi, mut tr, mut ti, mut sum] = [[0.0; 8]; 5];
    for _ in 0..STEPS / CHECK_EVERY {
        for _ in 0..CHECK_EVERY {
            sum = add(&zr, &zr);
            zi = multiply(&sum, &zi);
            zi = zi.map(|zi| zi + ci);
            sum = subtract(&tr, &ti);
            zr = add(&sum, cr);
            tr = multiply(&zr, &zr);
            ti = multiply(&zi, &zi);
        }
        sum = add(&tr, &ti);
        if within(&sum) == 0 {
            return 0;
        }
    }
    within(&sum)
}

/// A bit for each number that is not above 4, the first number's the highest.
fn within(square: &Vector) -> u8 {
    (0..8).fold(0, |bits, i| bits | u8::from(square[i] <= 4.0) << (7 - i))
}

fn add(a: &Vector, b: &Vector) -> Vector {
    std::array::from_fn(|i| a[i] + b[i])
}

fn subtract(a: &Vector, b: &Vector) -> Vector {
    std::array::from_fn(|i| a[i] - b[i])
}

fn multiply(a: &Vector, b: &Vector) -> Vector {
    std::array::from_fn(|i| a[i] * b[i])
}
