//! What is the same for every Rust server of the lab: the workloads, the settings, the report on itself and
//! the life of the process. A server adds its framework and binds the routes, nothing else.

mod allocator;
mod answer;
mod body;
mod codec;
mod healthcheck;
mod info;
mod process;
mod routes;
mod runtime;
mod service;
mod settings;
mod stop;
mod workloads;

pub use answer::{APPLICATION_JSON, Answer, TEXT_PLAIN};
pub use body::whole;
pub use info::RUST_VERSION;
pub use process::{Program, main};
pub use routes::{BODY_MOST, Method, ROUTES, Route};
pub use service::Service;
pub use settings::{Generator, Kv, PrimeOn, Root, Settings};
pub use stop::{STOP_WITHIN, StopSignal};
#[cfg(feature = "parse")]
pub use workloads::parse::{Summary as OrderSum, sum as order_sum};
#[cfg(feature = "prime")]
pub use workloads::prime::nth as nth_prime;
