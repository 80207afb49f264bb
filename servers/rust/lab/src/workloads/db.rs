use std::time::Duration;

use deadpool_postgres::{Manager, Pool, PoolError};
use serde::Serialize;
use tokio::time::timeout;
use tokio_postgres::{Config, NoTls};

use super::whole_number;
use crate::answer::Answer;

const MOST_ID: u32 = 10_000;
const SELECT: &str = "SELECT id, name, quantity FROM items WHERE id = $1";
/// How long the database may take for one request, its connection and the wait for a free one included.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pool of connections, each opened when a request first needs it; None without `LAB_DB`.
pub(crate) struct Database(Option<Pool>);

#[derive(Serialize)]
struct Item {
    id: i32,
    name: String,
    quantity: i32,
}

/// Whether the client can read `url`.
pub(crate) fn is_url(url: &str) -> bool {
    url.parse::<Config>().is_ok_and(|config| !config.get_hosts().is_empty())
}

impl Database {
    /// `most` is the number of connections.
    pub(crate) fn new(url: Option<&str>, most: usize) -> Result<Self, String> {
        let Some(url) = url else { return Ok(Self(None)) };
        let config = url.parse().map_err(|error| format!("LAB_DB: {error}"))?;
        let pool = Pool::builder(Manager::new(config, NoTls)).max_size(most).build();
        pool.map(|pool| Self(Some(pool)))
            .map_err(|error| format!("LAB_DB: {error}"))
    }

    /// Answers GET /db/{id}.
    pub(crate) async fn answer(&self, id: &str) -> Answer {
        let Some(id) = whole_number(id, 1, MOST_ID) else {
            return Answer::error(400, "id: want a whole number from 1 to 10000");
        };
        let Some(pool) = &self.0 else {
            return Answer::error(503, "no database: LAB_DB is not set");
        };
        match timeout(PATIENCE, item(pool, id as i32)).await {
            Ok(Ok(Some(item))) => Answer::json(&item),
            Ok(Ok(None)) => Answer::error(404, "no such row"),
            Ok(Err(error)) => Answer::error(503, &format!("no answer from the database: {error}")),
            Err(_) => Answer::error(503, "no answer from the database within 2 s"),
        }
    }
}

async fn item(pool: &Pool, id: i32) -> Result<Option<Item>, PoolError> {
    let client = pool.get().await?;
    // Prepared once on each connection, then found by its text.
    let select = client.prepare_cached(SELECT).await?;
    let Some(row) = client.query_opt(&select, &[&id]).await? else {
        return Ok(None);
    };
    Ok(Some(Item {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        quantity: row.try_get(2)?,
    }))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, time::Instant};

    use super::*;

    #[tokio::test]
    async fn without_a_database_is_503() {
        let answer = Database::new(None, 8).unwrap().answer("17").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.body, r#"{"error":"no database: LAB_DB is not set"}"#);
    }

    #[tokio::test]
    async fn another_id_is_refused() {
        for wrong in ["0", "10001", "-1", "+1", "x", "1.5", "%31"] {
            let answer = Database::new(None, 8).unwrap().answer(wrong).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert_eq!(answer.body, r#"{"error":"id: want a whole number from 1 to 10000"}"#);
        }
    }

    fn at(listener: &TcpListener) -> String {
        format!("postgres://lab:lab@{}/lab", listener.local_addr().unwrap())
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_503_at_once() {
        let url = at(&TcpListener::bind("127.0.0.1:0").unwrap());
        let answer = Database::new(Some(&url), 8).unwrap().answer("17").await;
        assert_eq!(answer.status, 503);
        let told = std::str::from_utf8(&answer.body).unwrap();
        assert!(told.starts_with(r#"{"error":"no answer from the database: "#), "{told}");
    }

    #[tokio::test]
    async fn a_database_that_says_nothing_is_503_after_2_seconds() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let asked = Instant::now();
        let answer = Database::new(Some(&at(&silent)), 1).unwrap().answer("17").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.body, r#"{"error":"no answer from the database within 2 s"}"#);
        assert!((1900..2900).contains(&asked.elapsed().as_millis()));
    }

    #[test]
    fn urls_are_checked_before_the_port_opens() {
        for good in ["postgres://lab:lab@127.0.0.1:5432/lab", "postgresql://db"] {
            assert!(is_url(good), "{good}");
        }
        for wrong in ["postgres://", "postgres://lab@db:x/lab", "postgres://db?nonsense=1"] {
            assert!(!is_url(wrong), "{wrong}");
        }
    }
}
