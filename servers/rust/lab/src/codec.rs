//! JSON, by the library that was compiled in.

use serde::Serialize;
#[cfg(not(feature = "json-sonic"))]
use serde_json as library;
#[cfg(feature = "json-sonic")]
use sonic_rs as library;

#[cfg(all(feature = "json-borrowed", feature = "json-sonic"))]
compile_error!("features json-borrowed and json-sonic: want at most one of them");

/// As /lab/info tells it.
pub(crate) const NAME: &str = if cfg!(feature = "json-sonic") {
    "sonic-rs"
} else if cfg!(feature = "json-borrowed") {
    "serde_json-borrowed"
} else {
    "serde_json"
};

/// None where the library could not; no answer of the lab is such a value.
pub(crate) fn encode(value: &impl Serialize) -> Option<Vec<u8>> {
    library::to_vec(value).ok()
}

#[cfg(feature = "parse")]
pub(crate) use decoding::Object;
#[cfg(any(feature = "parse", feature = "prime"))]
pub(crate) use decoding::decode;

#[cfg(any(feature = "parse", feature = "prime"))]
mod decoding {
    use std::{fmt, marker::PhantomData};

    use serde::{
        Deserialize, Deserializer,
        de::{MapAccess, Visitor, value::MapAccessDeserializer},
    };

    /// The whole of `body` as one JSON object; None where it is anything else.
    pub(crate) fn decode<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Option<T> {
        super::library::from_slice(body).ok().map(|Object(value)| value)
    }

    /// A struct that comes as a JSON object. What serde derives would take an array of its fields as well.
    pub(crate) struct Object<T>(pub(crate) T);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(ObjectVisitor(PhantomData))
        }
    }

    struct ObjectVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
        type Value = Object<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(Object)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[derive(Debug, PartialEq, Deserialize)]
        struct Pair {
            one: u32,
            two: u32,
        }

        #[test]
        fn objects_come_in_any_order_with_space_and_unknown_keys() {
            let body = b" {\n\"two\" : 2, \"three\":[{}, null], \"one\":1}\r\n";
            assert_eq!(decode(body), Some(Pair { one: 1, two: 2 }));
        }

        #[test]
        fn all_else_is_refused() {
            for body in [
                "",
                " ",
                "[1,2]",
                "null",
                "7",
                r#"{"one":1}"#,
                r#"{"one":1,"two":2"#,
                r#"{"one":1,"two":2} x"#,
                r#"{"one":1,"two":-2}"#,
                r#"{"one":1,"two":2.5}"#,
                r#"{"one":1,"two":"2"}"#,
                r#"{"one":1,"two":4294967296}"#,
                "\u{feff}{\"one\":1,\"two\":2}",
            ] {
                assert_eq!(decode::<Pair>(body.as_bytes()), None, "{body}");
            }
        }
    }
}
