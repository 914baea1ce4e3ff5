//! The `clientele` binary: starts the runtime and runs the command line.

use std::process::ExitCode;

use clap::Parser;
use clientele_server::cli::{self, Cli};
use clientele_server::telemetry;

/// Allocator that returns the memory of many short-lived strings to the system sooner than the system's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Fewest worker threads. Leptos blocks on resources while rendering; fewer threads can deadlock on small machines.
const MIN_THREADS: usize = 4;

fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start_log(&cli.settings);
    let threads = std::thread::available_parallelism().map_or(MIN_THREADS, |cores| cores.get().max(MIN_THREADS));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        // Deeply nested views and queries are polled on these stacks.
        .thread_stack_size(8 * 1024 * 1024)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(cli::run(cli)),
        Err(error) => Err(error.into()),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("clientele: {failure}");
        ExitCode::FAILURE
    })
}
