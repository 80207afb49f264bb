//! Runs one batch workload of the lab and prints one JSON line about it.
//! What it promises, in every language: servers/contract/kernels.md.

mod arguments;
mod binarytrees;
mod catalogue;
mod convolution;
#[cfg(feature = "count")]
mod counting;
mod fannkuch;
#[cfg(target_arch = "x86_64")]
mod fannkuch_sse;
mod fasta;
mod grey;
#[cfg(target_arch = "x86_64")]
mod grey_ssse;
mod json_parse;
mod knucleotide;
mod mandelbrot;
#[cfg(target_arch = "x86_64")]
mod mandelbrot_avx;
mod measure;
mod prime;
mod segments;
mod sha256;
mod sieve;
mod spawn_tasks;
mod spread;
#[cfg(test)]
mod tests;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

fn main() -> ExitCode {
    let args: Vec<_> = env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    ExitCode::from(run(&args, &mut io::stdout(), &mut io::stderr()))
}

/// Returns the exit code: 0 done, 1 the job failed, 2 bad arguments.
fn run(args: &[String], stdout: &mut impl Write, stderr: &mut impl Write) -> u8 {
    let mut fail = |code: u8, error: String| {
        // A closed stderr must not change the exit code.
        let _ = writeln!(stderr, "kernels: {error}");
        code
    };
    if args == ["--list"] {
        let printed = catalogue::offers().iter().try_for_each(|offer| print(stdout, offer));
        return printed.map_or_else(|error| fail(1, error), |()| 0);
    }
    let asked = match arguments::parse(args) {
        Ok(asked) => asked,
        Err(error) => return fail(2, error),
    };
    let printed = measure::measure(&asked).and_then(|result| print(stdout, &result));
    printed.map_or_else(|error| fail(1, error), |()| 0)
}

fn print(stdout: &mut impl Write, line: &impl Serialize) -> Result<(), String> {
    let line = serde_json::to_string(line).map_err(|error| error.to_string())?;
    writeln!(stdout, "{line}").map_err(|error| error.to_string())
}
