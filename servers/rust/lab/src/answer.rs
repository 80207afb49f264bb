use bytes::Bytes;
use serde::Serialize;

use crate::{codec, routes::Route};

/// Content types, byte for byte as every server of the lab sends them.
pub const TEXT_PLAIN: &str = "text/plain; charset=utf-8";
pub const APPLICATION_JSON: &str = "application/json";

/// What one request gets, whatever the framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status, 200-503.
    pub status: u16,
    pub content_type: &'static str,
    pub body: Bytes,
    /// The value of `Allow`, where there is one.
    pub allow: Option<&'static str>,
}

#[derive(Serialize)]
struct Wrong<'a> {
    error: &'a str,
}

impl Answer {
    pub fn not_found() -> Self {
        Self::text(404, "not found")
    }

    pub fn method_not_allowed(route: &Route) -> Self {
        Self {
            allow: Some(route.allow()),
            ..Self::text(405, "method not allowed")
        }
    }

    /// For a body of more than `BODY_MOST` bytes.
    pub(crate) fn body_too_large() -> Self {
        Self::error(413, "body: want at most 65536 bytes")
    }

    /// For a body whose end did not come, or whose framing is wrong.
    pub(crate) fn body_unreadable() -> Self {
        Self::error(400, "body: want as many bytes as its head says")
    }

    pub(crate) fn text(status: u16, body: &'static str) -> Self {
        Self {
            status,
            content_type: TEXT_PLAIN,
            body: Bytes::from_static(body.as_bytes()),
            allow: None,
        }
    }

    /// 200 with `value`, serialised now.
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::serialised(200, value)
    }

    pub(crate) fn error(status: u16, what: &str) -> Self {
        Self::serialised(status, &Wrong { error: what })
    }

    fn serialised(status: u16, value: &impl Serialize) -> Self {
        codec::encode(value).map_or_else(
            || Self::text(500, "the answer could not be serialised"),
            |body| Self {
                status,
                content_type: APPLICATION_JSON,
                body: Bytes::from(body),
                allow: None,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{BODY_MOST, ROUTES};

    #[test]
    fn what_is_wrong_is_json_and_what_is_unknown_is_text() {
        let wrong = Answer::error(400, r#"want a "number""#);
        assert_eq!((wrong.status, wrong.content_type), (400, APPLICATION_JSON));
        assert_eq!(wrong.body, r#"{"error":"want a \"number\""}"#);
        let unknown = Answer::not_found();
        assert_eq!((unknown.status, unknown.content_type), (404, TEXT_PLAIN));
        assert_eq!(unknown.body, "not found");
    }

    #[test]
    fn a_refused_method_tells_which_are_allowed() {
        for route in ROUTES {
            let refused = Answer::method_not_allowed(route);
            assert_eq!(
                (refused.status, refused.body.as_ref()),
                (405, &b"method not allowed"[..])
            );
            assert_eq!(refused.allow, Some(route.allow()));
        }
    }

    #[test]
    fn the_limit_told_is_the_limit() {
        assert_eq!(
            Answer::body_too_large(),
            Answer::error(413, &format!("body: want at most {BODY_MOST} bytes"))
        );
    }
}
