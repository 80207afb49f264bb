use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    answer::Answer,
    codec::{Object, decode},
};

/// `T` owns a text or borrows it from the body.
#[derive(Deserialize)]
struct Order<T> {
    #[expect(dead_code, reason = "the contract wants it decoded, and nothing of it told")]
    order: T,
    items: Vec<Object<Item<T>>>,
}

#[derive(Deserialize)]
struct Item<T> {
    id: u32,
    sku: T,
    name: T,
    quantity: u32,
    price_cents: u32,
    active: bool,
    tags: Vec<T>,
    dimensions: Object<Dimensions>,
}

#[derive(Deserialize)]
struct Dimensions {
    width: u32,
    height: u32,
    depth: u32,
}

/// Borrows what has no escape in it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

/// What an order document adds up to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Items.
    pub count: usize,
    /// Modulo 2^32.
    pub checksum: u32,
}

/// Answers POST /parse.
pub(crate) fn answer(body: &[u8]) -> Answer {
    match sum(body) {
        Some(summary) => Answer::json(&summary),
        None => Answer::error(400, "body: want an order document of JSON"),
    }
}

/// None where the body, at most `BODY_MOST` bytes, is no order document.
pub fn sum(body: &[u8]) -> Option<Summary> {
    if cfg!(feature = "json-borrowed") {
        summary::<Borrowed<'_>>(body)
    } else {
        summary::<String>(body)
    }
}

fn summary<'de, T: Deserialize<'de> + AsRef<str>>(body: &'de [u8]) -> Option<Summary> {
    let order: Order<T> = decode(body)?;
    Some(Summary {
        count: order.items.len(),
        checksum: order
            .items
            .iter()
            .fold(0, |sum: u32, Object(item)| sum.wrapping_add(item.checksum())),
    })
}

impl<T: AsRef<str>> Item<T> {
    fn checksum(&self) -> u32 {
        let Object(size) = &self.dimensions;
        let texts = [&self.name, &self.sku].into_iter().chain(&self.tags);
        // A body has at most 64 KiB, so no length is cut off.
        let texts = texts.map(|text| text.as_ref().len() as u32);
        [size.width, size.height, size.depth, u32::from(self.active)]
            .into_iter()
            .chain(texts)
            .fold(self.id, u32::wrapping_add)
            .wrapping_add(self.quantity.wrapping_mul(self.price_cents))
    }
}

impl AsRef<str> for Borrowed<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What servers/contract/document.py makes.
    const DOCUMENT: &str = include_str!("../../testdata/order.json");

    const SMALL: &str = r#"{"order":"A","items":[{"id":1,"sku":"S","name":"N\u00e9","quantity":2,"price_cents":30,
        "active":true,"tags":["a","bc"],"dimensions":{"width":4,"height":5,"depth":6},"unit":"pcs"}]}"#;

    fn both(body: &str) -> Option<Summary> {
        let owned = summary::<String>(body.as_bytes());
        assert_eq!(owned, summary::<Borrowed<'_>>(body.as_bytes()), "{body}");
        owned
    }

    #[test]
    fn the_document_of_the_lab_has_its_checksum() {
        assert_eq!(DOCUMENT.len(), 2442);
        let told = both(DOCUMENT).unwrap();
        assert_eq!((told.count, told.checksum), (12, 141_995));
        assert_eq!(answer(DOCUMENT.as_bytes()).body, r#"{"count":12,"checksum":141995}"#);
    }

    #[test]
    fn every_part_counts() {
        // 1 + 2 * 30 + 4 + 5 + 6 + 3 bytes of name + 1 of sku + 3 of tags + 1.
        assert_eq!(both(SMALL).unwrap().checksum, 84);
        assert_eq!(both(&SMALL.replace("true", "false")).unwrap().checksum, 83);
        assert_eq!(both(&SMALL.replace(r#""a","bc""#, "")).unwrap().checksum, 81);
    }

    #[test]
    fn the_sum_is_modulo_2_to_the_32() {
        let most = SMALL.replace(":30", ":4294967295").replace(":2,", ":4294967295,");
        // (2^32 - 1) squared is 1.
        assert_eq!(both(&most).unwrap().checksum, 25);
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let Order { items, .. } = decode::<Order<Borrowed<'_>>>(SMALL.as_bytes()).unwrap();
        let Object(item) = &items[0];
        assert!(matches!(item.sku, Borrowed(Cow::Borrowed("S"))));
        assert!(matches!(item.tags[1], Borrowed(Cow::Borrowed("bc"))));
        assert!(matches!(&item.name, Borrowed(Cow::Owned(name)) if name == "Né"));
    }

    #[test]
    fn another_document_is_refused() {
        assert_eq!(both(r#"{"items":[],"order":""}"#).unwrap().count, 0);
        let changed = |from: &str, to: &str| {
            assert!(SMALL.contains(from), "{from}");
            SMALL.replace(from, to)
        };
        for wrong in [
            String::new(),
            "[]".into(),
            r#"["A",[]]"#.into(),
            DOCUMENT[..DOCUMENT.len() - 1].into(),
            format!("{DOCUMENT},"),
            changed(r#""order":"A""#, r#""order":1"#),
            changed(r#""id":1"#, r#""id":-1"#),
            changed(r#""id":1"#, r#""id":4294967296"#),
            changed(r#""id":1"#, r#""id":1.5"#),
            changed("30", r#""30""#),
            changed("true", "1"),
            changed(r#"["a","bc"]"#, r#""a""#),
            changed(r#""bc""#, "7"),
            changed(r#"{"width":4,"height":5,"depth":6}"#, "[4,5,6]"),
            changed(r#"{"width":4,"height":5,"depth":6}"#, "null"),
        ] {
            assert_eq!(both(&wrong), None, "{wrong}");
            assert_eq!(answer(wrong.as_bytes()).status, 400);
        }
        assert_eq!(answer(b"{\"order\":\"\xff\",\"items\":[]}").status, 400);
    }
}
