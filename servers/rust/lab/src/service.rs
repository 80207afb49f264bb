use std::sync::atomic::AtomicUsize;

#[cfg(feature = "db")]
use crate::workloads::db::Database;
#[cfg(feature = "kv")]
use crate::workloads::kv::Store;
#[cfg(feature = "nextid")]
use crate::workloads::nextid::Ids;
use crate::{
    answer::Answer,
    process::Program,
    routes::{Route, Workload},
    settings::Settings,
};

/// What answers. There is one in a process, and every request of it has the same.
pub struct Service {
    pub(crate) settings: Settings,
    pub(crate) program: &'static Program,
    /// Threads the runtime chose before LAB_WORKERS had a say.
    pub(crate) parallelism: usize,
    /// Threads of the runtime that `run` made; 0 where the framework brings its own.
    pub(crate) threads: AtomicUsize,
    #[cfg(feature = "nextid")]
    ids: Ids,
    #[cfg(feature = "kv")]
    store: Store,
    #[cfg(feature = "db")]
    database: Database,
}

impl Service {
    pub(crate) fn new(program: &'static Program, settings: Settings, parallelism: usize) -> Result<Self, String> {
        Ok(Self {
            #[cfg(feature = "nextid")]
            ids: Ids::new(settings.generator, settings.machine_id)?,
            #[cfg(feature = "kv")]
            store: Store::new(settings.kv),
            #[cfg(feature = "db")]
            database: Database::new(settings.database.as_deref(), settings.database_connections)?,
            settings,
            program,
            parallelism,
            threads: AtomicUsize::new(0),
        })
    }

    /// TCP, 1-65535.
    pub fn port(&self) -> u16 {
        self.settings.port
    }

    /// Threads that run requests, 1 or more.
    pub fn workers(&self) -> usize {
        let most = usize::from(self.program.workers_most);
        self.settings.workers.unwrap_or(self.parallelism.min(most))
    }

    /// Answers a request whose path and method are the route's. `parameter` is the route's of the path, `body` at
    /// most `BODY_MOST` bytes; each is empty where the route has none.
    #[cfg_attr(
        not(feature = "all"),
        allow(unused_variables, reason = "few workloads read what was sent")
    )]
    pub async fn answer(&self, route: &Route, parameter: &str, body: &[u8]) -> Answer {
        match route.workload {
            #[cfg(feature = "plaintext")]
            Workload::Plaintext => crate::workloads::plaintext::answer(),
            #[cfg(feature = "json")]
            Workload::Json => crate::workloads::json::answer(),
            #[cfg(feature = "nextid")]
            Workload::Nextid => self.ids.answer().await,
            #[cfg(feature = "prime")]
            Workload::Prime => crate::workloads::prime::answer(body, self.settings.root, self.settings.prime_on).await,
            #[cfg(feature = "parse")]
            Workload::Parse => crate::workloads::parse::answer(body),
            #[cfg(feature = "kv")]
            Workload::Kv => self.store.answer(parameter),
            // Boxed, so that its many states do not make the future of every other request as large.
            #[cfg(feature = "db")]
            Workload::Db => Box::pin(self.database.answer(parameter)).await,
            #[cfg(feature = "wait")]
            Workload::Wait => crate::workloads::wait::answer(parameter).await,
            Workload::Health => Answer::text(200, "ok"),
            Workload::Info => self.info(),
            Workload::Runtime => self.runtime(),
        }
    }
}

#[cfg(all(test, feature = "all"))]
mod tests {
    use super::*;
    use crate::{
        answer::{APPLICATION_JSON, TEXT_PLAIN},
        routes::ROUTES,
    };

    static PROGRAM: Program = Program {
        server: "test",
        framework: "none",
        package: "none",
        workers_most: 1024,
        serve: |_| Ok(()),
    };

    fn service() -> Service {
        Service::new(&PROGRAM, Settings::read(|_| None, 1024).unwrap(), 2).unwrap()
    }

    fn route(path: &str) -> &'static Route {
        ROUTES.iter().find(|route| route.matches(path)).unwrap()
    }

    async fn ask(path: &str, body: &str) -> (u16, &'static str, String) {
        let route = route(path);
        let answer = service().answer(route, route.parameter(path), body.as_bytes()).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        (answer.status, answer.content_type, text)
    }

    #[tokio::test]
    async fn every_route_has_its_answer() {
        for (path, body, answer) in [
            ("/json", "", r#"{"message":"Hello, World!"}"#),
            ("/calculate", r#"{"n":10000}"#, r#"{"n":10000,"prime":104729}"#),
            ("/parse", r#"{"order":"A","items":[]}"#, r#"{"count":0,"checksum":0}"#),
            ("/kv/k17", "", r#"{"key":"k17","value":"value-of-k17"}"#),
            ("/wait/1", "", r#"{"waited_milliseconds":1}"#),
        ] {
            assert_eq!(ask(path, body).await, (200, APPLICATION_JSON, answer.to_owned()));
        }
        for (path, body) in [("/plaintext", "Hello, World!"), ("/healthz", "ok")] {
            assert_eq!(ask(path, "").await, (200, TEXT_PLAIN, body.to_owned()));
        }
        assert!(ask("/nextid", "").await.2.starts_with(r#"{"id":""#));
        assert_eq!(
            ask("/db/17", "").await,
            (
                503,
                APPLICATION_JSON,
                r#"{"error":"no database: LAB_DB is not set"}"#.to_owned()
            )
        );
    }

    #[test]
    fn the_future_of_a_request_is_small() {
        let service = service();
        let future = service.answer(route("/plaintext"), "", b"");
        // Frameworks keep one for each connection or request under way.
        assert!(size_of_val(&future) <= 512, "{} bytes", size_of_val(&future));
    }
}
