use serde::Serialize;

use crate::{process::Service, workloads::serialise};

include!(concat!(env!("OUT_DIR"), "/locked.rs"));

/// The body of GET /lab/info; the fields are the same in every language, null where a language has no such thing.
#[derive(Serialize)]
struct Info {
    server: &'static str,
    language: &'static str,
    language_version: &'static str,
    framework: &'static str,
    framework_version: &'static str,
    /// Threads the runtime chose before LAB_WORKERS had a say.
    parallelism: usize,
    /// Threads that run requests.
    workers: usize,
    allocator: &'static str,
    gogc_percent: Option<i64>,
    gomemlimit_bytes: Option<i64>,
}

impl Service {
    /// The body of GET /lab/info.
    pub fn info(&self) -> Result<Vec<u8>, String> {
        serialise(&Info {
            server: self.program.server,
            language: "rust",
            language_version: env!("LAB_RUSTC_VERSION"),
            framework: self.program.framework,
            framework_version: locked_version(self.program.framework),
            parallelism: self.parallelism,
            workers: self.workers,
            allocator: self.program.allocator,
            gogc_percent: None,
            gomemlimit_bytes: None,
        })
    }
}
