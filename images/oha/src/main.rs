//! Command oha is the oha load generator, built from its published crate at the version and checksum Cargo.lock pins.

use clap::Parser;

fn main() {
    let options = oha::Opts::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.worker_threads.get())
        .enable_all()
        .build()
        .expect("the runtime's threads start");
    if let Err(error) = runtime.block_on(oha::run(options)) {
        eprintln!("Error: {error}");
        std::process::exit(1);
    }
}
