use std::hint::black_box;

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::{
    answer::Answer,
    codec,
    settings::{PrimeOn, Root},
};

const MOST: u32 = 100_000;

#[derive(Deserialize)]
struct Question {
    n: u32,
}

#[derive(Serialize)]
struct Found {
    n: u32,
    prime: i64,
}

/// Answers POST /calculate: the n-th prime, searched for anew and naively, as the measured work.
pub(crate) async fn answer(body: &[u8], root: Root, on: PrimeOn) -> Answer {
    let Some(Question { n: n @ 1..=MOST }) = codec::decode(body) else {
        return Answer::error(400, r#"body: want {"n": a whole number from 1 to 100000}"#);
    };
    match on {
        PrimeOn::Inline => Answer::json(&Found { n, prime: nth(n, root) }),
        PrimeOn::Offload => match spawn_blocking(move || nth(n, root)).await {
            Ok(prime) => Answer::json(&Found { n, prime }),
            Err(ended) => Answer::error(500, &format!("prime: {ended}")),
        },
    }
}

/// The n-th prime, n from 1; 2 is the first. Numbers are as wide as Go's, whose division costs by the width.
pub fn nth(n: u32, root: Root) -> i64 {
    match root {
        Root::Each => search(n, is_prime_by_each_root),
        Root::Once => search(n, is_prime_by_one_root),
    }
}

fn search(n: u32, is_prime: impl Fn(i64) -> bool) -> i64 {
    let (mut found, mut candidate) = (1, 2);
    while found < n {
        candidate += 1;
        found += u32::from(is_prime(candidate));
    }
    candidate
}

/// Takes the root again for each divisor. The black box keeps the promise: without it the compiler sees that the
/// root never changes and takes it once, which is the other way.
fn is_prime_by_each_root(candidate: i64) -> bool {
    let mut divisor = 2;
    while divisor as f64 <= (black_box(candidate) as f64).sqrt() {
        if candidate % divisor == 0 {
            return false;
        }
        divisor += 1;
    }
    true
}

fn is_prime_by_one_root(candidate: i64) -> bool {
    let root = (candidate as f64).sqrt();
    let mut divisor = 2;
    while divisor as f64 <= root {
        if candidate % divisor == 0 {
            return false;
        }
        divisor += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_right_in_both_ways() {
        for root in [Root::Each, Root::Once] {
            let first: Vec<_> = (1..=12).map(|n| nth(n, root)).collect();
            assert_eq!(first, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]);
            assert_eq!(nth(10_000, root), 104_729);
        }
        assert_eq!(nth(MOST, Root::Once), 1_299_709);
    }

    #[tokio::test]
    async fn it_is_the_same_on_either_thread() {
        for on in [PrimeOn::Inline, PrimeOn::Offload] {
            let answer = answer(b"{\"n\": 1000, \"why\": []}", Root::Once, on).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.body, r#"{"n":1000,"prime":7919}"#);
        }
    }

    #[tokio::test]
    async fn another_question_is_refused() {
        for wrong in [
            "",
            "10000",
            "[10000]",
            "{}",
            r#"{"n":0}"#,
            r#"{"n":-1}"#,
            r#"{"n":100001}"#,
            r#"{"n":4294967297}"#,
            r#"{"n":1.5}"#,
            r#"{"n":"10"}"#,
            r#"{"n":null}"#,
            r#"{"n":10"#,
            r#"{"n":10}}"#,
        ] {
            let answer = answer(wrong.as_bytes(), Root::Once, PrimeOn::Inline).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert_eq!(
                answer.body,
                r#"{"error":"body: want {\"n\": a whole number from 1 to 100000}"}"#
            );
        }
    }
}
