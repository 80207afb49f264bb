use std::{env, ffi::OsString, io::Write, process::ExitCode, thread};

use crate::{healthcheck::healthcheck, service::Service, settings::Settings};

/// What one server brings: its names, and how its framework serves.
pub struct Program {
    /// Name in server.yaml.
    pub server: &'static str,
    /// Program in server.yaml.
    pub framework: &'static str,
    /// The crate whose locked version is the framework's.
    pub package: &'static str,
    /// The most threads it can run requests on; the contract wants 1024.
    pub workers_most: u16,
    /// Answers on 0.0.0.0 at the service's port until SIGTERM or SIGINT, then stops within `STOP_WITHIN`.
    pub serve: fn(&'static Service) -> Result<(), String>,
}

/// Runs the program: 0 stopped or healthy, 1 failed or not healthy, 2 bad flag or environment.
pub fn main(program: &'static Program) -> ExitCode {
    let args: Vec<_> = env::args_os().skip(1).collect();
    ExitCode::from(run(program, &args, |name| env::var_os(name), &mut std::io::stderr()))
}

fn run(
    program: &'static Program,
    args: &[OsString],
    lookup: impl Fn(&str) -> Option<OsString>,
    stderr: &mut impl Write,
) -> u8 {
    let mut fail = |code: u8, error: String| {
        // A closed stderr must not change the exit code.
        let _ = writeln!(stderr, "{}: {error}", program.server);
        code
    };
    let check_only = match args {
        [] => false,
        [flag] if flag == "--healthcheck" => true,
        _ => return fail(2, format!("arguments {args:?}: the only one known is --healthcheck")),
    };
    let settings = match Settings::read(lookup, program.workers_most) {
        Ok(settings) => settings,
        Err(error) => return fail(2, error),
    };
    let ended = if check_only {
        healthcheck(settings.port)
    } else {
        serve(program, settings)
    };
    ended.map_or_else(|error| fail(1, error), |()| 0)
}

fn serve(program: &'static Program, settings: Settings) -> Result<(), String> {
    let parallelism = thread::available_parallelism()
        .map_err(|error| format!("available_parallelism: {error}"))?
        .get();
    // It lives as long as the process, and so no request has to count references to it.
    let service = Box::leak(Box::new(Service::new(program, settings, parallelism)?));
    (program.serve)(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    static PROGRAM: Program = Program {
        server: "test",
        framework: "none",
        package: "none",
        workers_most: 1024,
        serve: |service| Err(format!("served with {} workers", service.workers())),
    };

    fn run_with(args: &[&str], variable: (&str, &str)) -> (u8, String) {
        let args: Vec<_> = args.iter().map(OsString::from).collect();
        let mut stderr = Vec::new();
        let lookup = |name: &str| (name == variable.0).then(|| variable.1.into());
        let code = run(&PROGRAM, &args, lookup, &mut stderr);
        (code, String::from_utf8(stderr).unwrap())
    }

    #[test]
    fn bad_flag_is_2_in_one_line() {
        for args in [&["--help"][..], &["--healthcheck", "now"]] {
            let (code, told) = run_with(args, ("", ""));
            assert_eq!((code, told.lines().count()), (2, 1));
            assert!(told.contains("--healthcheck"), "{told}");
        }
    }

    #[test]
    fn bad_environment_is_2_in_one_line() {
        for (variable, told) in [
            (
                ("LAB_PORT", "x"),
                "LAB_PORT=\"x\": want a whole number from 1 to 65535\n",
            ),
            (("LAB_PRIME", "x"), "LAB_PRIME=\"x\": want each or once\n"),
        ] {
            assert_eq!(run_with(&[], variable), (2, format!("test: {told}")));
        }
    }

    #[test]
    fn workers_come_from_the_environment_and_failure_is_1() {
        assert_eq!(
            run_with(&[], ("LAB_WORKERS", "3")),
            (1, "test: served with 3 workers\n".to_owned())
        );
    }
}
