use serde::{Serialize, Serializer};

use crate::{
    binarytrees, convolution, fannkuch, grey, json_parse, knucleotide, mandelbrot, prime, sha256, sieve, spawn_tasks,
};

/// What a program is asked: how much, and with how many threads.
#[derive(Clone, Copy)]
pub struct Job {
    pub n: usize,
    pub threads: usize,
}

/// What a program computed: text that is its own checksum, or data that is hashed once the clock has stopped.
pub enum Output {
    Text(String),
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}

/// The part of a program that is measured.
pub type Run = Box<dyn FnOnce() -> Output>;

/// One program: the kernel it belongs to has at least one for each variant.
#[derive(Clone)]
pub struct Row {
    /// `same` or `best`.
    pub variant: &'static str,
    pub mode: Option<&'static str>,
    /// Equal in another language where the algorithm is equal.
    pub algorithm: &'static str,
    pub simd: Simd,
    /// Cannot use a second thread.
    pub sequential: bool,
    /// Makes the input, and returns the part that is measured.
    pub program: fn(Job) -> Result<Run, String>,
}

impl Row {
    /// A row without a mode, without SIMD, for any number of threads.
    pub fn new(variant: &'static str, algorithm: &'static str, program: fn(Job) -> Result<Run, String>) -> Self {
        Self {
            variant,
            mode: None,
            algorithm,
            simd: Simd(None),
            sequential: false,
            program,
        }
    }

    pub fn mode(self, mode: &'static str) -> Self {
        Self {
            mode: Some(mode),
            ..self
        }
    }

    pub fn simd(self, simd: &'static str) -> Self {
        Self {
            simd: Simd(Some(simd)),
            ..self
        }
    }

    pub fn sequential(self) -> Self {
        Self {
            sequential: true,
            ..self
        }
    }

    /// The row of a program that is also the best there is.
    pub fn as_best(&self) -> Self {
        Self {
            variant: "best",
            ..self.clone()
        }
    }
}

/// What the source says: lanes that it spells out, or the instructions that it names; `false` in JSON where neither.
#[derive(Clone, Copy)]
pub struct Simd(Option<&'static str>);

impl Serialize for Simd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(text) => serializer.serialize_str(text),
            None => serializer.serialize_bool(false),
        }
    }
}

/// Bounds of n; step divides it.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub standard: usize,
    pub least: usize,
    pub most: usize,
    pub step: usize,
}

pub struct Kernel {
    pub name: &'static str,
    pub sizes: Sizes,
    pub rows: Vec<Row>,
}

impl Kernel {
    pub fn new(name: &'static str, standard: usize, range: std::ops::RangeInclusive<usize>, rows: Vec<Row>) -> Self {
        let sizes = Sizes {
            standard,
            least: *range.start(),
            most: *range.end(),
            step: 1,
        };
        Self { name, sizes, rows }
    }

    pub fn step(mut self, step: usize) -> Self {
        self.sizes.step = step;
        self
    }
}

/// The table: a kernel that is not in it does not exist.
pub fn kernels() -> Vec<Kernel> {
    vec![
        binarytrees::kernel(),
        fannkuch::kernel(),
        mandelbrot::kernel(),
        knucleotide::kernel(),
        spawn_tasks::kernel(),
        prime::kernel(),
        json_parse::kernel(),
        convolution::kernel(),
        grey::kernel(),
        sieve::kernel(),
        sha256::kernel(),
    ]
}

/// One line of `--list`.
#[derive(Serialize)]
pub struct Offer {
    kernel: &'static str,
    variant: &'static str,
    mode: Option<&'static str>,
    algorithm: &'static str,
    simd: Simd,
    default_n: usize,
    least_n: usize,
    most_n: usize,
    step_n: usize,
}

pub fn offers() -> Vec<Offer> {
    let offers_of = |kernel: Kernel| {
        let (name, sizes) = (kernel.name, kernel.sizes);
        kernel.rows.into_iter().map(move |row| Offer {
            kernel: name,
            variant: row.variant,
            mode: row.mode,
            algorithm: row.algorithm,
            simd: row.simd,
            default_n: sizes.standard,
            least_n: sizes.least,
            most_n: sizes.most,
            step_n: sizes.step,
        })
    };
    kernels().into_iter().flat_map(offers_of).collect()
}
