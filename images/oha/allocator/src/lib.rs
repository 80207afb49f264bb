//! In place of jemalloc, whose C takes longer to build than all the rest: the C library's own allocator, under its name.

pub use std::alloc::System as Jemalloc;
