use std::ffi::OsString;

use serde::Serialize;

/// What the environment may change. Read once, at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `LAB_PORT`, 1-65535, default 8080.
    pub port: u16,
    /// `LAB_MACHINE_ID`, 0-65535, default 0: the Sonyflake machine id.
    pub machine_id: u16,
    /// `LAB_WORKERS`, 1-1024 or what the framework can; `None` = not set, the runtime decides.
    pub workers: Option<usize>,
    /// `LAB_PRIME`.
    pub root: Root,
    /// `LAB_PRIME_ON`.
    pub prime_on: PrimeOn,
    /// `LAB_KV`.
    pub kv: Kv,
    /// `LAB_SONYFLAKE`.
    pub generator: Generator,
    /// `LAB_DB`, a URL; `None` = not set, no database.
    pub database: Option<String>,
    /// `LAB_DB_POOL`, 1-1024, default 8: the most connections to the database.
    pub database_connections: usize,
}

/// When the search for primes takes the square root of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Root {
    /// At each step, as published for Go.
    Each,
    /// Once a candidate.
    Once,
}

/// Where primes are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PrimeOn {
    /// On the thread that has the request.
    Inline,
    /// On a thread that is no async worker.
    Offload,
}

/// How the keys and values are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kv {
    /// One map behind one lock.
    Rwlock,
    /// 64 maps, each behind a lock of its own.
    Sharded,
}

/// Who makes the Sonyflake ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Generator {
    /// The library as published, which sleeps with its lock held.
    Blocking,
    /// The same ids, reserved under the lock and waited for outside of it.
    Async,
}

impl Settings {
    /// Takes the settings from `lookup` (`std::env::var_os`). A value that is set but wrong is an error that
    /// names the variable, the value and what was wanted; the empty string is wrong too.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>, workers_most: u16) -> Result<Self, String> {
        let text = |name: &str| lookup(name).map(|value| value.to_string_lossy().into_owned());
        let number = |name: &str, least: u16, most: u16| {
            let Some(text) = text(name) else { return Ok(None) };
            match text.parse() {
                Ok(value) if (least..=most).contains(&value) => Ok(Some(value)),
                _ => Err(format!("{name}={text:?}: want a whole number from {least} to {most}")),
            }
        };
        Ok(Self {
            port: number("LAB_PORT", 1, u16::MAX)?.unwrap_or(8080),
            machine_id: number("LAB_MACHINE_ID", 0, u16::MAX)?.unwrap_or(0),
            workers: number("LAB_WORKERS", 1, workers_most)?.map(usize::from),
            root: one_of(text, "LAB_PRIME", [("each", Root::Each), ("once", Root::Once)])?,
            prime_on: one_of(
                text,
                "LAB_PRIME_ON",
                [("inline", PrimeOn::Inline), ("offload", PrimeOn::Offload)],
            )?,
            kv: one_of(text, "LAB_KV", [("rwlock", Kv::Rwlock), ("sharded", Kv::Sharded)])?,
            generator: one_of(
                text,
                "LAB_SONYFLAKE",
                [("blocking", Generator::Blocking), ("async", Generator::Async)],
            )?,
            database: database(text)?,
            database_connections: number("LAB_DB_POOL", 1, 1024)?.map_or(8, usize::from),
        })
    }
}

/// The setting `name` out of two words, the default first.
fn one_of<T>(text: impl Fn(&str) -> Option<String>, name: &str, words: [(&str, T); 2]) -> Result<T, String> {
    let [(first, default), (second, other)] = words;
    match text(name) {
        None => Ok(default),
        Some(value) if value == first => Ok(default),
        Some(value) if value == second => Ok(other),
        Some(value) => Err(format!("{name}={value:?}: want {first} or {second}")),
    }
}

fn database(text: impl Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    match text("LAB_DB") {
        Some(url) if !is_database_url(&url) => Err(format!(
            "LAB_DB={url:?}: want a URL such as postgres://lab:lab@127.0.0.1:5432/lab"
        )),
        url => Ok(url),
    }
}

fn is_database_url(url: &str) -> bool {
    let has_scheme = url.starts_with("postgres://") || url.starts_with("postgresql://");
    // A program without the workload has nothing that could read the rest, and no use for it.
    #[cfg(feature = "db")]
    let has_scheme = has_scheme && crate::workloads::db::is_url(url);
    has_scheme
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| pairs.iter().find(|(key, _)| *key == name);
        Settings::read(|name| find(name).map(|(_, value)| OsString::from(value)), 1024)
    }

    #[test]
    fn defaults() {
        assert_eq!(
            read(&[]),
            Ok(Settings {
                port: 8080,
                machine_id: 0,
                workers: None,
                root: Root::Each,
                prime_on: PrimeOn::Inline,
                kv: Kv::Rwlock,
                generator: Generator::Blocking,
                database: None,
                database_connections: 8,
            })
        );
    }

    #[test]
    fn edges_are_inside() {
        let settings = read(&[
            ("LAB_PORT", "65535"),
            ("LAB_MACHINE_ID", "65535"),
            ("LAB_WORKERS", "1024"),
            ("LAB_DB_POOL", "1024"),
        ])
        .unwrap();
        assert_eq!((settings.port, settings.machine_id), (65535, 65535));
        assert_eq!((settings.workers, settings.database_connections), (Some(1024), 1024));
        assert_eq!(read(&[("LAB_MACHINE_ID", "0")]).unwrap().machine_id, 0);
    }

    #[test]
    fn words_choose() {
        let settings = read(&[
            ("LAB_PRIME", "once"),
            ("LAB_PRIME_ON", "offload"),
            ("LAB_KV", "sharded"),
            ("LAB_SONYFLAKE", "async"),
            ("LAB_DB", "postgres://lab:lab@127.0.0.1:5432/lab"),
        ])
        .unwrap();
        assert_eq!((settings.root, settings.prime_on), (Root::Once, PrimeOn::Offload));
        assert_eq!((settings.kv, settings.generator), (Kv::Sharded, Generator::Async));
        assert_eq!(
            settings.database.as_deref(),
            Some("postgres://lab:lab@127.0.0.1:5432/lab")
        );
        assert_eq!(read(&[("LAB_PRIME", "each")]).unwrap().root, Root::Each);
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value, wanted) in [
            ("LAB_PORT", "0", "a whole number from 1 to 65535"),
            ("LAB_PORT", "65536", "a whole number from 1 to 65535"),
            ("LAB_PORT", "", "a whole number from 1 to 65535"),
            ("LAB_MACHINE_ID", "-1", "a whole number from 0 to 65535"),
            ("LAB_MACHINE_ID", "twelve", "a whole number from 0 to 65535"),
            ("LAB_WORKERS", "0", "a whole number from 1 to 1024"),
            ("LAB_WORKERS", "1025", "a whole number from 1 to 1024"),
            ("LAB_WORKERS", "1.5", "a whole number from 1 to 1024"),
            ("LAB_DB_POOL", "0", "a whole number from 1 to 1024"),
            ("LAB_PRIME", "", "each or once"),
            ("LAB_PRIME_ON", "Offload", "inline or offload"),
            ("LAB_KV", "mutex", "rwlock or sharded"),
            ("LAB_SONYFLAKE", "async ", "blocking or async"),
            ("LAB_DB", "", "a URL such as postgres://lab:lab@127.0.0.1:5432/lab"),
            (
                "LAB_DB",
                "mysql://127.0.0.1",
                "a URL such as postgres://lab:lab@127.0.0.1:5432/lab",
            ),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error, format!("{name}={value:?}: want {wanted}"));
        }
    }
}
