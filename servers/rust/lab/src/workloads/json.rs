use serde::Serialize;

use crate::answer::Answer;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

/// Answers GET /json: 27 bytes, serialised anew for each request.
pub(crate) fn answer() -> Answer {
    Answer::json(&Message {
        message: "Hello, World!",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::APPLICATION_JSON;

    #[test]
    fn it_is_exact() {
        let answer = answer();
        assert_eq!((answer.status, answer.content_type), (200, APPLICATION_JSON));
        assert_eq!(answer.body, r#"{"message":"Hello, World!"}"#);
    }
}
