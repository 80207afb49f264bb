//! The allocator of the whole program.
//!
//! By default glibc's, linked statically: it takes no C compiler for a second malloc, its size is already in the
//! binary, and it has none of musl's lock (3-9 times slower with two threads).

#[cfg(all(feature = "jemalloc", feature = "mimalloc"))]
compile_error!("features jemalloc and mimalloc: want at most one of them");

#[cfg(all(feature = "jemalloc", not(feature = "mimalloc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(all(feature = "mimalloc", not(feature = "jemalloc")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As /lab/info tells it.
pub(crate) const NAME: &str = if cfg!(feature = "jemalloc") {
    "jemalloc"
} else if cfg!(feature = "mimalloc") {
    "mimalloc"
} else {
    "glibc"
};
