use crate::{
    arguments::{named, row_for, size},
    catalogue::{Job, kernels},
    fasta::{STANDARD_NUCLEOTIDES, fasta},
    run,
};

/// One small n for each kernel and mode, and its checksum; servers/contract/kernels.md has them too.
/// Those that are known elsewhere (the benchmarks game's, numbers of primes, sums with a formula) came from there.
const SMALL: [(&str, &str, usize, &str); 19] = [
    ("binarytrees", "", 10, "4095,31744,32512,32704,32752,2047"),
    ("fannkuch", "", 7, "228,16"),
    ("fannkuch", "", 9, "8629,30"),
    (
        "mandelbrot",
        "",
        200,
        "0d7e6e396f5a430a29223b731e96ce775b9f355a6b967e1131abbf53b7b1628d",
    ),
    (
        "k-nucleotide",
        "",
        125_000,
        "1/124907,1/123514,49/4096,459/256,1474/64,4930/16,24794/4",
    ),
    ("spawn-tasks", "running-recursive", 1000, "44426932"),
    ("spawn-tasks", "running-iterative", 1000, "44426932"),
    ("spawn-tasks", "parked", 1000, "499500"),
    ("prime", "", 1, "2"),
    ("prime", "", 2, "3"),
    ("prime", "", 10, "29"),
    ("prime", "", 1000, "7919"),
    ("json-parse", "", 10, "120,1419950"),
    (
        "convolution",
        "",
        100,
        "e98b655f2bd32c83b967ae1b6f31d2a3fd96f6b3a7d59b4166eba72c51afceca",
    ),
    (
        "grey",
        "",
        101,
        "8de0fd272bedc0871b76f18eec7e3c5a7699ea8cbac0b3678abb94dc5203e8d3",
    ),
    ("sieve", "", 10, "4,7"),
    ("sieve", "", 1_000_000, "78498,999983"),
    (
        "sha256",
        "stream",
        1,
        "f130b79cfc371da93e46ff762143c5bef0f567ffb09ea4fe355250e74164eb5b",
    ),
    (
        "sha256",
        "tree",
        2,
        "03092c55f663abc6c5eb75955a21b40459380bd02b8d4424b3d2deabe886f004",
    ),
];

#[test]
fn checksums_are_the_known_ones() {
    let mut wrong = Vec::new();
    for (name, mode, n, checksum) in SMALL {
        for row in named(name).unwrap().rows {
            if !mode.is_empty() && row.mode != Some(mode) {
                continue;
            }
            for threads in [1, 3] {
                let got = (row.program)(Job { n, threads }).unwrap()().checksum();
                if got != checksum {
                    wrong.push(format!("{name} {}, n {n}, {threads} threads: {got}", row.algorithm));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for kernel in kernels() {
        assert!(
            SMALL.iter().any(|known| known.0 == kernel.name),
            "{} has none",
            kernel.name
        );
    }
}

#[test]
fn every_kernel_has_both_variants() {
    for kernel in kernels() {
        assert_eq!(
            size(&kernel, Some(&kernel.sizes.standard.to_string())),
            Ok(kernel.sizes.standard)
        );
        for variant in ["same", "best"] {
            assert!(
                row_for(named(kernel.name).unwrap(), variant, None).is_ok(),
                "{}",
                kernel.name
            );
        }
    }
}

#[test]
fn input_is_the_games() {
    // n/5 = 1000 is the game's example output.
    let sequence = String::from_utf8(fasta(5000).unwrap()).unwrap();
    assert!(sequence.starts_with("aacacttcaccaggtatcgtgaaggctcaagattacccagagaacctttgcaatataaga"));
    assert!(sequence.ends_with("gtaggaagtgaaaagataaatat"));
    assert!(fasta(STANDARD_NUCLEOTIDES).is_ok());
}

fn run_with(args: &str) -> (u8, String, String) {
    let args: Vec<_> = args.split_whitespace().map(str::to_owned).collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = run(&args, &mut stdout, &mut stderr);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(stdout), text(stderr))
}

#[test]
fn run_prints_one_line() {
    let (code, stdout, stderr) = run_with("prime --algorithm best --cores all --n 10");
    assert_eq!((code, stderr.as_str(), stdout.lines().count()), (0, "", 1));
    let got: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    for (field, want) in [
        ("kernel", "prime".into()),
        ("language", "rust".into()),
        ("algorithm", "prime-sieve".into()),
        ("variant", "best".into()),
        ("cores", "all".into()),
        ("n", 10.into()),
        ("mode", serde_json::Value::Null),
        ("checksum", "29".into()),
        ("simd", false.into()),
    ] {
        assert_eq!(got.get(field), Some(&want), "{field}");
    }
    for field in ["language_version", "threads", "wall_seconds", "cpu_seconds"] {
        assert!(!got[field].is_null(), "{field}");
    }
    for field in ["allocations", "allocated_bytes"] {
        assert_eq!(got[field].is_null(), cfg!(not(feature = "count")), "{field}");
    }
}

#[test]
fn list_has_every_row() {
    let (code, stdout, stderr) = run_with("--list");
    let rows: usize = kernels().iter().map(|kernel| kernel.rows.len()).sum();
    assert_eq!((code, stderr.as_str(), stdout.lines().count()), (0, "", rows));
}

#[test]
fn bad_arguments_are_2_in_one_line() {
    for (args, told) in [
        ("", "--list"),
        ("--list now", r#""--list": want a kernel"#),
        ("nbody", r#""nbody": want a kernel, one of binarytrees, "#),
        ("prime --speed 1", r#""--speed": want --algorithm"#),
        ("prime --n", "--n: want a value"),
        ("prime --n 0", r#"--n "0": want a multiple of 1 from 1 to 100000"#),
        ("prime --n 1e3", r#"--n "1e3""#),
        ("mandelbrot --n 12", r#"--n "12": want a multiple of 8 from 8 to 32768"#),
        ("prime --cores two", r#"--cores "two": want single or all"#),
        ("prime --algorithm fast", r#"--algorithm "fast": want same or best"#),
        ("prime --mode fast", r#"--mode "fast": prime same has no modes"#),
        ("mandelbrot --mode fast", r#"--mode "fast": want one of scalar, lanes8"#),
    ] {
        let (code, stdout, stderr) = run_with(args);
        assert_eq!((code, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{args}");
        assert!(stderr.contains(told), "{args}: {stderr}");
    }
}
