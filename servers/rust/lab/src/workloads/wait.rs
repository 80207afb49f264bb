use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;

use super::whole_number;
use crate::answer::Answer;

const MOST_MILLISECONDS: u32 = 10_000;

#[derive(Serialize)]
struct Waited {
    waited_milliseconds: u32,
}

/// Answers GET /wait/{ms}, after that time and with no thread held meanwhile.
pub(crate) async fn answer(milliseconds: &str) -> Answer {
    let Some(waited_milliseconds) = whole_number(milliseconds, 0, MOST_MILLISECONDS) else {
        return Answer::error(400, "ms: want a whole number from 0 to 10000");
    };
    sleep(Duration::from_millis(waited_milliseconds.into())).await;
    Answer::json(&Waited { waited_milliseconds })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn it_waits_as_long_as_it_tells() {
        for milliseconds in [0, 50] {
            let asked = Instant::now();
            let answer = answer(&milliseconds.to_string()).await;
            assert_eq!(answer.body, format!("{{\"waited_milliseconds\":{milliseconds}}}"));
            assert!(asked.elapsed() >= Duration::from_millis(milliseconds));
        }
    }

    #[tokio::test]
    async fn another_time_is_refused_at_once() {
        for wrong in ["10001", "-1", "x", "1s", ""] {
            let answer = answer(wrong).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert_eq!(answer.body, r#"{"error":"ms: want a whole number from 0 to 10000"}"#);
        }
    }
}
