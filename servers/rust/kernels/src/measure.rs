use std::{mem::MaybeUninit, time::Instant};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    arguments::Request,
    catalogue::{Output, Simd},
};

/// The line that a run prints; the fields are the same in every language, null where a language cannot say.
#[derive(Serialize)]
pub struct Measured {
    kernel: &'static str,
    language: &'static str,
    language_version: &'static str,
    algorithm: &'static str,
    variant: &'static str,
    cores: &'static str,
    threads: usize,
    n: usize,
    mode: Option<&'static str>,
    checksum: String,
    wall_seconds: f64,
    cpu_seconds: f64,
    allocations: Option<u64>,
    allocated_bytes: Option<u64>,
    simd: Simd,
}

/// Runs a request. Making the input and hashing the output are not the job, so they are outside its time.
pub fn measure(asked: &Request) -> Result<Measured, String> {
    let row = &asked.row;
    let job = (row.program)(asked.job).map_err(|error| format!("{}: {error}", asked.kernel))?;
    let allocated = allocated();
    let cpu = cpu_seconds()?;
    let begin = Instant::now();
    let made = job();
    let wall = begin.elapsed();
    let cpu_seconds = cpu_seconds()? - cpu;
    let (allocations, allocated_bytes) = match (allocated, self::allocated()) {
        (Some(before), Some(after)) => (Some(after.0 - before.0), Some(after.1 - before.1)),
        _ => (None, None),
    };
    Ok(Measured {
        kernel: asked.kernel,
        language: "rust",
        language_version: env!("KERNELS_RUSTC_VERSION"),
        algorithm: row.algorithm,
        variant: row.variant,
        cores: asked.cores,
        threads: asked.job.threads,
        n: asked.job.n,
        mode: row.mode,
        checksum: made.checksum(),
        wall_seconds: wall.as_secs_f64(),
        cpu_seconds,
        allocations,
        allocated_bytes,
        simd: row.simd,
    })
}

/// Allocations and bytes so far, where they are counted.
#[cfg(feature = "count")]
fn allocated() -> Option<(u64, u64)> {
    Some(crate::counting::counted())
}

#[cfg(not(feature = "count"))]
fn allocated() -> Option<(u64, u64)> {
    None
}

/// User and system time of the whole process.
fn cpu_seconds() -> Result<f64, String> {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: getrusage gets room for its struct and keeps no pointer to it.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) } != 0 {
        return Err(format!("getrusage: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: getrusage filled it, as it returned 0.
    let usage = unsafe { usage.assume_init() };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

impl Output {
    pub fn checksum(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) => hex_sha256(&bytes),
            Self::Floats(floats) => {
                let bytes: Vec<_> = floats.into_iter().flat_map(f32::to_le_bytes).collect();
                hex_sha256(&bytes)
            }
        }
    }
}

pub fn hex_sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}
