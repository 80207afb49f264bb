//! Tells the crate what a running program cannot know: the compiler, and the locked version of each framework.

use std::{env, fs, path::Path, process::Command};

fn main() {
    let rustc = env::var("RUSTC").expect("cargo sets RUSTC");
    let printed = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs")
        .stdout;
    let printed = String::from_utf8(printed).expect("rustc prints text");
    let version = printed.split(' ').nth(1).expect("rustc <version> (...)");
    println!("cargo::rustc-env=LAB_RUSTC_VERSION={version}");

    let lock = "../Cargo.lock";
    println!("cargo::rerun-if-changed={lock}");
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(lock).expect("the workspace has a Cargo.lock");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("locked.rs");
    fs::write(out, locked(&text)).expect("OUT_DIR can be written");
}

/// A match over the crates a server may name as its framework.
fn locked(text: &str) -> String {
    let mut arms = String::new();
    for package in text.split("[[package]]").skip(1) {
        let field = |key: &str| {
            let line = package.lines().find(|line| line.starts_with(key))?;
            Some(line[key.len()..].trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version)) = (field("name = "), field("version = "))
            && ["axum", "actix-web", "hyper"].contains(&name.as_str())
        {
            arms += &format!("        {name:?} => {version:?},\n");
        }
    }
    format!(
        "fn locked_version(name: &str) -> &'static str {{\n    match name {{\n{arms}        _ => \"unknown\",\n    }}\n}}\n"
    )
}
