use std::thread;

use crate::catalogue::{Job, Kernel, Row, kernels};

/// A command line that was understood.
pub struct Request {
    pub kernel: &'static str,
    pub row: Row,
    pub cores: &'static str,
    pub job: Job,
}

pub fn parse(args: &[String]) -> Result<Request, String> {
    let [name, options @ ..] = args else {
        return Err("want --list, or the name of a kernel and its options".to_owned());
    };
    let kernel = named(name)?;
    let options = Options::read(options)?;
    let cores = match options.cores {
        "single" => "single",
        "all" => "all",
        other => return Err(format!("--cores {other:?}: want single or all")),
    };
    let n = size(&kernel, options.n)?;
    let name = kernel.name;
    let row = row_for(kernel, options.algorithm, options.mode)?;
    let threads = if cores == "all" && !row.sequential {
        // What the CPU mask and the quota of the container leave.
        thread::available_parallelism()
            .map_err(|error| format!("available_parallelism: {error}"))?
            .get()
    } else {
        1
    };
    Ok(Request {
        kernel: name,
        row,
        cores,
        job: Job { n, threads },
    })
}

struct Options<'a> {
    algorithm: &'a str,
    cores: &'a str,
    n: Option<&'a str>,
    mode: Option<&'a str>,
}

impl<'a> Options<'a> {
    fn read(args: &'a [String]) -> Result<Self, String> {
        let mut options = Self {
            algorithm: "same",
            cores: "single",
            n: None,
            mode: None,
        };
        for pair in args.chunks(2) {
            let name = pair[0].as_str();
            if !["--algorithm", "--cores", "--n", "--mode"].contains(&name) {
                return Err(format!("{name:?}: want --algorithm, --cores, --n or --mode"));
            }
            let value = match pair.get(1) {
                Some(value) if !value.is_empty() => value.as_str(),
                _ => return Err(format!("{name}: want a value")),
            };
            match name {
                "--algorithm" => options.algorithm = value,
                "--cores" => options.cores = value,
                "--n" => options.n = Some(value),
                _ => options.mode = Some(value),
            }
        }
        Ok(options)
    }
}

pub fn named(name: &str) -> Result<Kernel, String> {
    let all = kernels();
    let names: Vec<_> = all.iter().map(|kernel| kernel.name).collect();
    let unknown = format!("{name:?}: want a kernel, one of {}", names.join(", "));
    all.into_iter().find(|kernel| kernel.name == name).ok_or(unknown)
}

/// The first row of the variant where no mode is asked for.
pub fn row_for(kernel: Kernel, variant: &str, mode: Option<&str>) -> Result<Row, String> {
    if !["same", "best"].contains(&variant) {
        return Err(format!("--algorithm {variant:?}: want same or best"));
    }
    let rows = || kernel.rows.iter().filter(|row| row.variant == variant);
    if let Some(row) = rows().find(|row| mode.is_none() || row.mode == mode) {
        return Ok(row.clone());
    }
    let modes: Vec<_> = rows().filter_map(|row| row.mode).collect();
    let mode = mode.unwrap_or_default();
    if modes.is_empty() {
        return Err(format!("--mode {mode:?}: {} {variant} has no modes", kernel.name));
    }
    Err(format!("--mode {mode:?}: want one of {}", modes.join(", ")))
}

pub fn size(kernel: &Kernel, text: Option<&str>) -> Result<usize, String> {
    let sizes = kernel.sizes;
    let Some(text) = text else { return Ok(sizes.standard) };
    match text.parse() {
        Ok(n) if (sizes.least..=sizes.most).contains(&n) && n % sizes.step == 0 => Ok(n),
        _ => Err(format!(
            "--n {text:?}: want a multiple of {} from {} to {}",
            sizes.step, sizes.least, sizes.most
        )),
    }
}
