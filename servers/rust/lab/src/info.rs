use serde::Serialize;

use crate::{
    allocator,
    answer::Answer,
    codec,
    routes::{Workload, workloads},
    service::Service,
    settings::{Generator, Kv, PrimeOn, Root},
};

include!(concat!(env!("OUT_DIR"), "/locked.rs"));

/// How this program was compiled; what Cargo.toml calls release is tuned.
const PROFILE: &str = match option_env!("LAB_PROFILE") {
    Some(name) if !name.is_empty() => name,
    _ => "tuned",
};

/// The version of the compiler.
pub const RUST_VERSION: &str = env!("LAB_RUSTC_VERSION");

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
    /// The codec, and why it gave its work to another: here it never does.
    json: &'static str,
    json_fallback: Option<&'static str>,
    profile: &'static str,
    /// What was compiled in.
    workloads: Vec<Workload>,
    prime: Root,
    prime_on: PrimeOn,
    kv: Kv,
    sonyflake: Generator,
}

impl Service {
    /// Answers GET /lab/info.
    pub(crate) fn info(&self) -> Answer {
        Answer::json(&Info {
            server: self.program.server,
            language: "rust",
            language_version: RUST_VERSION,
            framework: self.program.framework,
            framework_version: locked_version(self.program.package),
            parallelism: self.parallelism,
            workers: self.workers(),
            allocator: allocator::NAME,
            gogc_percent: None,
            gomemlimit_bytes: None,
            json: codec::NAME,
            json_fallback: None,
            profile: PROFILE,
            workloads: workloads(),
            prime: self.settings.root,
            prime_on: self.settings.prime_on,
            kv: self.settings.kv,
            sonyflake: self.settings.generator,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{process::Program, settings::Settings};

    #[test]
    fn settings_in_force_are_told() {
        static PROGRAM: Program = Program {
            server: "rust-test",
            framework: "axum",
            package: "axum",
            workers_most: 1024,
            serve: |_| Ok(()),
        };
        let lookup = |name: &str| match name {
            "LAB_WORKERS" => Some("3".into()),
            "LAB_PRIME" => Some("once".into()),
            "LAB_SONYFLAKE" => Some("async".into()),
            _ => None,
        };
        let service = Service::new(&PROGRAM, Settings::read(lookup, PROGRAM.workers_most).unwrap(), 2).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&service.info().body).unwrap();
        assert_eq!((&told["parallelism"], &told["workers"]), (&2.into(), &3.into()));
        for (name, value) in [
            ("server", "rust-test"),
            ("framework", "axum"),
            ("json", codec::NAME),
            ("profile", PROFILE),
            ("prime", "once"),
            ("prime_on", "inline"),
            ("kv", "rwlock"),
            ("sonyflake", "async"),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
        assert!(told["framework_version"].as_str().unwrap().starts_with("0."));
        assert!(told["json_fallback"].is_null());
        assert_eq!(told.as_object().unwrap().len(), 18);
    }
}
