//! Tells the crate what a running program cannot know: the version of the compiler.

use std::{env, process::Command};

fn main() {
    let rustc = env::var("RUSTC").expect("cargo sets RUSTC");
    let printed = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs")
        .stdout;
    let printed = String::from_utf8(printed).expect("rustc prints text");
    let version = printed.split(' ').nth(1).expect("rustc <version> (...)");
    println!("cargo::rustc-env=KERNELS_RUSTC_VERSION={version}");
    println!("cargo::rerun-if-changed=build.rs");
}
