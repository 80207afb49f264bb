//! What one request of each route does, each in a module of its own that is compiled in by a feature.

#[cfg(feature = "db")]
pub(crate) mod db;
#[cfg(feature = "json")]
pub(crate) mod json;
#[cfg(feature = "kv")]
pub(crate) mod kv;
#[cfg(feature = "nextid")]
pub(crate) mod nextid;
#[cfg(feature = "parse")]
pub(crate) mod parse;
#[cfg(feature = "plaintext")]
pub(crate) mod plaintext;
#[cfg(feature = "prime")]
pub(crate) mod prime;
#[cfg(feature = "wait")]
pub(crate) mod wait;

/// The number that `text`, decimal digits and nothing else, stands for; None outside of `least` to `most`.
#[cfg(any(feature = "db", feature = "wait"))]
fn whole_number(text: &str, least: u32, most: u32) -> Option<u32> {
    // Rust would take a plus sign, too.
    let number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())??;
    (least..=most).contains(&number).then_some(number)
}

#[cfg(all(test, any(feature = "db", feature = "wait")))]
mod tests {
    use super::*;

    #[test]
    fn only_digits_in_range_are_a_number() {
        for (text, number) in [
            ("1", Some(1)),
            ("10", Some(10)),
            ("007", Some(7)),
            ("0", None),
            ("11", None),
            ("", None),
            ("+5", None),
            ("-5", None),
            ("5.0", None),
            ("5 ", None),
            ("%35", None),
            ("٥", None),
            ("18446744073709551617", None),
        ] {
            assert_eq!(whole_number(text, 1, 10), number, "{text:?}");
        }
    }
}
