use std::borrow::Cow;

use serde::Deserialize;

use crate::{
    catalogue::{Job, Kernel, Output, Row, Run},
    measure::hex_sha256,
    spread::each,
};

/// The order that POST /parse gets (servers/contract/document.py).
static DOCUMENT: &[u8] = include_bytes!("document.json");
const DOCUMENT_SHA256: &str = "060f6ecc8b5a05fd43abdaa06496a11887fdc7e5c5f21cedbeebfc045541b74f";

/// The most tasks that the parses are split into.
const PARSE_SHARES: usize = 64;

/// An order whose texts are `T`: owned or borrowed.
#[derive(Deserialize)]
struct Order<T> {
    #[expect(dead_code, reason = "decoded because the contract names it; no sum needs it")]
    order: T,
    items: Vec<Item<T>>,
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
    dimensions: Dimensions,
}

#[derive(Deserialize)]
struct Dimensions {
    width: u32,
    height: u32,
    depth: u32,
}

/// A piece of the document, or where it has an escape, a text of its own.
#[derive(Deserialize)]
struct Piece<'a>(#[serde(borrow)] Cow<'a, str>);

impl AsRef<str> for Piece<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

pub fn kernel() -> Kernel {
    let rows = vec![
        Row::new("same", "json-owned-structs", |job| json_parse(job, parse::<String>)),
        Row::new("best", "json-borrowed-structs", |job| json_parse(job, parse::<Piece>)),
    ];
    Kernel::new("json-parse", 100_000, 1..=10_000_000, rows)
}

/// Items and checksum of one document.
type Parse = fn(&'static [u8]) -> serde_json::Result<(u64, u64)>;

fn json_parse(job: Job, parse: Parse) -> Result<Run, String> {
    if hex_sha256(DOCUMENT) != DOCUMENT_SHA256 {
        return Err("the document is not the one that every published figure was made with".to_owned());
    }
    parse(DOCUMENT).map_err(|error| error.to_string())?;
    Ok(Box::new(move || {
        let tasks = job.n.min(PARSE_SHARES);
        let parts = each(job.threads, tasks, |task| {
            parse_times(job.n * (task + 1) / tasks - job.n * task / tasks, parse)
        });
        let (items, checksum) = parts.into_iter().fold((0, 0), add);
        Output::Text(format!("{items},{checksum}"))
    }))
}

/// Adds up the items and checksums of that many parses.
fn parse_times(times: usize, parse: Parse) -> (u64, u64) {
    (0..times)
        .map(|_| parse(DOCUMENT).expect("it was parsed before"))
        .fold((0, 0), add)
}

fn add(a: (u64, u64), b: (u64, u64)) -> (u64, u64) {
    (a.0 + b.0, a.1 + b.1)
}

fn parse<T: AsRef<str> + Deserialize<'static>>(document: &'static [u8]) -> serde_json::Result<(u64, u64)> {
    let order: Order<T> = serde_json::from_slice(document)?;
    Ok((order.items.len() as u64, order.checksum().into()))
}

impl<T: AsRef<str>> Order<T> {
    /// The sum of the contract, which touches every field of an item that is decoded.
    fn checksum(&self) -> u32 {
        self.items
            .iter()
            .fold(0, |sum: u32, item| sum.wrapping_add(item.checksum()))
    }
}

impl<T: AsRef<str>> Item<T> {
    fn checksum(&self) -> u32 {
        let size = &self.dimensions;
        let tags: usize = self.tags.iter().map(|tag| tag.as_ref().len()).sum();
        let texts = self.name.as_ref().len() + self.sku.as_ref().len() + tags;
        [size.width, size.height, size.depth, texts as u32, self.active.into()]
            .into_iter()
            .fold(self.quantity.wrapping_mul(self.price_cents), u32::wrapping_add)
            .wrapping_add(self.id)
    }
}
