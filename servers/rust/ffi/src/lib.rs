//! The heavy workloads behind a C interface, for a server in another language: servers/go/cgorust declares the same.

use std::{ffi::c_char, slice};

use lab::{Root, nth_prime, order_sum};

/// What an order document adds up to; all 0 where `valid` is false, because it is no such document.
#[repr(C)]
#[derive(Debug, PartialEq, Eq)]
pub struct OrderSum {
    pub count: u64,
    pub checksum: u32,
    pub valid: bool,
}

/// The n-th prime, n from 1 to 100,000; the square root is taken `once` a candidate or at each step.
#[unsafe(no_mangle)]
pub extern "C" fn lab_prime(n: u32, once: bool) -> i64 {
    nth_prime(n, if once { Root::Once } else { Root::Each })
}

/// Reads an order document.
///
/// # Safety
/// `body` points to `length` bytes that nobody writes meanwhile; it may be null where `length` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lab_parse(body: *const u8, length: usize) -> OrderSum {
    let body = if length == 0 {
        &[]
    } else {
        // SAFETY: the caller's promise.
        unsafe { slice::from_raw_parts(body, length) }
    };
    match order_sum(body) {
        Some(sum) => OrderSum {
            count: sum.count as u64,
            checksum: sum.checksum,
            valid: true,
        },
        None => OrderSum {
            count: 0,
            checksum: 0,
            valid: false,
        },
    }
}

/// A text that lives for ever; no NUL ends it.
#[repr(C)]
pub struct Text {
    pub start: *const c_char,
    pub length: usize,
}

/// The version of the compiler.
#[unsafe(no_mangle)]
pub extern "C" fn lab_rust_version() -> Text {
    Text {
        start: lab::RUST_VERSION.as_ptr().cast(),
        length: lab::RUST_VERSION.len(),
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    fn parse(body: &str) -> OrderSum {
        // SAFETY: the text outlives the call.
        unsafe { lab_parse(body.as_ptr(), body.len()) }
    }

    #[test]
    fn primes_are_right_in_both_ways() {
        assert_eq!([lab_prime(1, true), lab_prime(10_000, true)], [2, 104_729]);
        assert_eq!([lab_prime(1, false), lab_prime(10_000, false)], [2, 104_729]);
    }

    #[test]
    fn the_document_has_its_checksum_and_nothing_is_no_document() {
        let told = parse(include_str!("../../lab/testdata/order.json"));
        assert_eq!((told.count, told.checksum, told.valid), (12, 141_995, true));
        // SAFETY: nothing is read.
        let nothing = unsafe { lab_parse(ptr::null(), 0) };
        assert_eq!((nothing.count, nothing.checksum, nothing.valid), (0, 0, false));
        assert_eq!(parse("[]"), nothing);
    }
}
