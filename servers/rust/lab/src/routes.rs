use serde::Serialize;

/// The most bytes that the body of a request may have.
pub const BODY_MOST: usize = 64 * 1024;

/// One path of the contract and what answers it.
#[derive(Debug)]
pub struct Route {
    pub method: Method,
    /// As it is sent; with a parameter, what stands before it, up to the slash.
    path: &'static str,
    has_parameter: bool,
    pub(crate) workload: Workload,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET, and HEAD with it.
    Get,
    Post,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Workload {
    #[cfg(feature = "plaintext")]
    Plaintext,
    #[cfg(feature = "json")]
    Json,
    #[cfg(feature = "nextid")]
    Nextid,
    #[cfg(feature = "prime")]
    Prime,
    #[cfg(feature = "parse")]
    Parse,
    #[cfg(feature = "kv")]
    Kv,
    #[cfg(feature = "db")]
    Db,
    #[cfg(feature = "wait")]
    Wait,
    Health,
    Info,
    Runtime,
}

/// Every path that this program was compiled with.
pub const ROUTES: &[Route] = &[
    #[cfg(feature = "plaintext")]
    Route::get("/plaintext", Workload::Plaintext),
    #[cfg(feature = "json")]
    Route::get("/json", Workload::Json),
    #[cfg(feature = "nextid")]
    Route::get("/nextid", Workload::Nextid),
    #[cfg(feature = "prime")]
    Route::post("/calculate", Workload::Prime),
    #[cfg(feature = "parse")]
    Route::post("/parse", Workload::Parse),
    #[cfg(feature = "kv")]
    Route::get_one_of("/kv/", Workload::Kv),
    #[cfg(feature = "db")]
    Route::get_one_of("/db/", Workload::Db),
    #[cfg(feature = "wait")]
    Route::get_one_of("/wait/", Workload::Wait),
    Route::get("/healthz", Workload::Health),
    Route::get("/lab/info", Workload::Info),
    Route::get("/lab/runtime", Workload::Runtime),
];

/// The workloads among them: what a load may be offered to.
pub(crate) fn workloads() -> Vec<Workload> {
    let own = [Workload::Health, Workload::Info, Workload::Runtime];
    let all = ROUTES.iter().map(|route| route.workload);
    all.filter(|workload| !own.contains(workload)).collect()
}

impl Route {
    const fn get(path: &'static str, workload: Workload) -> Self {
        Self {
            method: Method::Get,
            path,
            has_parameter: false,
            workload,
        }
    }

    #[cfg(any(feature = "prime", feature = "parse"))]
    const fn post(path: &'static str, workload: Workload) -> Self {
        Self {
            method: Method::Post,
            ..Self::get(path, workload)
        }
    }

    #[cfg(any(feature = "kv", feature = "db", feature = "wait"))]
    const fn get_one_of(path: &'static str, workload: Workload) -> Self {
        Self {
            has_parameter: true,
            ..Self::get(path, workload)
        }
    }

    /// For routers that write a parameter as {name}.
    pub fn pattern(&self) -> String {
        let parameter = if self.has_parameter { "{parameter}" } else { "" };
        format!("{}{parameter}", self.path)
    }

    /// Whether `path`, as it was sent and without its query, is of this route.
    pub fn matches(&self, path: &str) -> bool {
        match path.strip_prefix(self.path) {
            Some(rest) if self.has_parameter => !rest.is_empty() && !rest.contains('/'),
            Some(rest) => rest.is_empty(),
            None => false,
        }
    }

    /// The last part of a `path` that matches, as it was sent; empty where the route has no parameter.
    pub fn parameter<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(self.path).unwrap_or_default()
    }

    /// Whether `method` is one of `allow`.
    pub fn allows(&self, method: &str) -> bool {
        match self.method {
            Method::Get => method == "GET" || method == "HEAD",
            Method::Post => method == "POST",
        }
    }

    pub(crate) fn allow(&self) -> &'static str {
        match self.method {
            Method::Get => "GET, HEAD",
            Method::Post => "POST",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> Vec<&'static Route> {
        ROUTES.iter().filter(|route| route.matches(path)).collect()
    }

    #[test]
    fn each_path_is_of_one_route_and_near_ones_are_of_none() {
        for route in ROUTES {
            let path = route.pattern();
            assert_eq!(find(&path).len(), 1, "{path}");
            for near in [
                format!("/{path}"),
                format!("{path}/"),
                format!("/a/..{path}"),
                path.to_uppercase(),
            ] {
                assert_eq!(find(&near).len(), 0, "{near}");
            }
        }
        for path in [
            "", "*", "/", "/lab", "/kv", "/kv/", "/db/", "/wait/", "/kv/a/b", "/%6Ason",
        ] {
            assert_eq!(find(path).len(), 0, "{path}");
        }
    }

    #[test]
    fn methods_are_those_of_the_contract() {
        for route in ROUTES {
            let allowed = ["GET", "HEAD", "POST", "PUT", "get", ""].map(|method| route.allows(method));
            let posts = ["/calculate", "/parse"].contains(&route.path);
            assert_eq!(allowed, [!posts, !posts, posts, false, false, false], "{}", route.path);
        }
    }

    #[cfg(feature = "kv")]
    #[test]
    fn a_parameter_is_as_it_was_sent() {
        let [kv] = find("/kv/a%2Fb c")[..] else {
            panic!("one route")
        };
        assert_eq!(kv.parameter("/kv/a%2Fb c"), "a%2Fb c");
        assert_eq!(kv.pattern(), "/kv/{parameter}");
    }

    #[cfg(feature = "all")]
    #[test]
    fn every_workload_is_told_once() {
        let told = serde_json::to_string(&workloads()).unwrap();
        assert_eq!(
            told,
            r#"["plaintext","json","nextid","prime","parse","kv","db","wait"]"#
        );
    }
}
