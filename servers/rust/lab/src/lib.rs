//! What is the same for every Rust server of the lab: the workloads, the settings, the report on itself and
//! the life of the process. A server adds its framework and its routes, nothing else.

mod healthcheck;
mod info;
mod process;
mod settings;
mod workloads;

pub use process::{Program, STOP_WITHIN, Service, main};
pub use settings::Settings;
pub use workloads::{APPLICATION_JSON, EPOCH_UNIX_SECONDS, Ids, PLAINTEXT, TEXT_PLAIN, json};
