use std::sync::atomic::Ordering;

use serde::Serialize;
use tokio::runtime::Handle;

use crate::{answer::Answer, service::Service};

/// The body of GET /lab/runtime; the fields are the same in every language, null where a language or a framework
/// has no such thing.
#[derive(Serialize)]
struct Report {
    gc_cycles: Option<u64>,
    gc_cpu_seconds: Option<f64>,
    gc_pauses: Option<u64>,
    heap_live_bytes: Option<u64>,
    heap_goal_bytes: Option<u64>,
    goroutines: Option<u64>,
    async_workers: Option<usize>,
    blocking_threads: Option<usize>,
    alive_tasks: Option<usize>,
}

impl Service {
    /// Answers GET /lab/runtime. Where each worker has a runtime of its own, as with actix-web, there is none that
    /// could tell of all of them.
    pub(crate) fn runtime(&self) -> Answer {
        let threads = self.threads.load(Ordering::Relaxed);
        let shared = threads > 0;
        Answer::json(&Report {
            gc_cycles: None,
            gc_cpu_seconds: None,
            gc_pauses: None,
            heap_live_bytes: None,
            heap_goal_bytes: None,
            goroutines: None,
            async_workers: Some(self.workers()),
            blocking_threads: shared.then(|| threads.saturating_sub(self.workers())),
            alive_tasks: shared.then(|| Handle::current().metrics().num_alive_tasks()),
        })
    }

    /// Runs `server` on the one runtime that answers every request, until it ends.
    #[cfg(feature = "shared-runtime")]
    pub fn run(&'static self, server: impl Future<Output = std::io::Result<()>>) -> Result<(), String> {
        // tokio itself tells the number of its threads under an unstable flag only. They are counted where they
        // begin and end, off the path of any request.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.workers())
            .on_thread_start(|| {
                self.threads.fetch_add(1, Ordering::Relaxed);
            })
            .on_thread_stop(|| {
                self.threads.fetch_sub(1, Ordering::Relaxed);
            })
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let ended = runtime.block_on(server);
        // Dropping it would wait for a prime that is still searched for.
        runtime.shutdown_background();
        ended.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{process::Program, settings::Settings};

    fn service() -> &'static Service {
        static PROGRAM: Program = Program {
            server: "test",
            framework: "none",
            package: "none",
            workers_most: 1024,
            serve: |_| Ok(()),
        };
        let two = |name: &str| (name == "LAB_WORKERS").then(|| "2".into());
        Box::leak(Box::new(
            Service::new(&PROGRAM, Settings::read(two, 1024).unwrap(), 1).unwrap(),
        ))
    }

    fn report(service: &Service) -> serde_json::Value {
        serde_json::from_slice(&service.runtime().body).unwrap()
    }

    #[test]
    fn what_rust_has_not_is_null() {
        let told = report(service());
        assert_eq!(told.as_object().unwrap().len(), 9);
        assert_eq!(told["async_workers"], 2);
        for name in [
            "gc_cycles",
            "gc_pauses",
            "goroutines",
            "blocking_threads",
            "alive_tasks",
        ] {
            assert!(told[name].is_null(), "{name}");
        }
    }

    #[cfg(feature = "shared-runtime")]
    #[test]
    fn blocking_threads_are_those_beside_the_workers() {
        let service = service();
        let server = async {
            let (held, hold) = std::sync::mpsc::channel::<()>();
            let offloaded = tokio::task::spawn_blocking(move || hold.recv());
            // A thread starts some time after its task was handed over.
            while report(service)["blocking_threads"] != 1 {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            assert_eq!(report(service)["alive_tasks"], 0);
            drop(held);
            offloaded.await?.unwrap_err();
            Ok(())
        };
        assert_eq!(service.run(server), Ok(()));
    }
}
