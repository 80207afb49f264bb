use crate::answer::Answer;

/// Answers GET /plaintext: 13 bytes that need no making.
pub(crate) fn answer() -> Answer {
    Answer::text(200, "Hello, World!")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::TEXT_PLAIN;

    #[test]
    fn it_is_exact() {
        let answer = answer();
        assert_eq!((answer.status, answer.content_type), (200, TEXT_PLAIN));
        assert_eq!(answer.body.len(), 13);
        assert_eq!(answer.body, "Hello, World!");
    }
}
