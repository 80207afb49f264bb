use sha2::{Digest, Sha256};

use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    measure::hex_sha256,
    spread::{each, fill},
};

const MEBIBYTE: usize = 1 << 20;

pub fn kernel() -> Kernel {
    let rows = [
        Row::new("same", "sha256-stream", |job| Ok(sha256(job, hash_stream)))
            .mode("stream")
            .sequential(),
        Row::new("same", "sha256-tree", |job| Ok(sha256(job, hash_tree))).mode("tree"),
    ];
    let rows = rows.iter().flat_map(|row| [row.clone(), row.as_best()]).collect();
    Kernel::new("sha256", 64, 1..=1024, rows)
}

fn sha256(job: Job, hash: fn(data: &[u8], threads: usize) -> String) -> Run {
    let mut data = vec![0; job.n * MEBIBYTE];
    fill(&mut data, 3);
    Box::new(move || Output::Text(hash(&data, job.threads)))
}

/// One digest over everything: each block needs the one before it, so a second thread has no work.
fn hash_stream(data: &[u8], _: usize) -> String {
    hex_sha256(data)
}

/// The digest of the digests of each mebibyte.
fn hash_tree(data: &[u8], threads: usize) -> String {
    let (leaves, _) = data.as_chunks::<MEBIBYTE>();
    let digests: Vec<[u8; 32]> = each(threads, leaves.len(), |i| Sha256::digest(leaves[i].as_slice()).into());
    hex_sha256(digests.as_flattened())
}
