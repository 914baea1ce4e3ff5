//! Proof that nothing acknowledged is lost: runs the release binary, breaks it in four ways under load, and compares what it
//! shows afterwards with what it acknowledged.
//!
//!     cargo run --release --example crash -- --server target/release/clientele --rounds 20
//!
//! # Layout
//!
//! - `kill`, `vanish`, `full`, `term`: the four ways, and `report`: their table.
//! - `world`: a database, its server and the ledger. `server`: the process. `access`: agents and keys. `http`: the client.
//! - `operations`: the changes, their requests and effects. `writers`: clients that make them.
//! - `ledger`: what was acknowledged. `shown`: what the server shows. `verify`: comparing the two.
//!   `stream`: what open pages are told.
//!
//! A change sets *cells*: facts that the server shows afterwards. An acknowledged change's cells must have their values; a
//! change without an answer must have set all of its cells or none. The writers' choices follow from `--seed`; when they are
//! interrupted does not.

mod access;
mod choices;
mod full;
mod http;
mod kill;
mod ledger;
mod operations;
mod report;
mod server;
mod shown;
mod stream;
mod term;
mod vanish;
mod verify;
mod world;
mod writers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use report::{Fault, Ran, Tally};
use tokio::signal::unix::{SignalKind, signal};

/// Result of anything that can fail before a fault can be told.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Breaks the server in several ways and proves that nothing acknowledged is lost.
#[derive(Parser)]
pub struct Options {
    /// Path of the release binary
    #[arg(long, default_value = "target/release/clientele")]
    server: PathBuf,
    /// Rounds of the part `kill`
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// A single part; all of them without it
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// Seed of the order of operations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the databases, on a real disk; the binary's folder without it
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Seconds in which the server must end after SIGTERM
    #[arg(long, default_value_t = 30)]
    deadline: u64,
}

impl Options {
    /// Returns the time in which the server must end after SIGTERM.
    fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline)
    }
}

/// The ways to break the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// SIGKILL at random moments
    Kill,
    /// Clients that are gone before the answer
    Vanish,
    /// A full disk
    Full,
    /// SIGTERM under load
    Term,
}

impl Part {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Kill, "kill"), (Self::Vanish, "vanish"), (Self::Full, "full"), (Self::Term, "term")];

    /// Runs the part in a folder of its own. A part that cannot go on has a fault.
    async fn run(self, options: &Options, folder: &Path) -> Ran {
        let ran = match self {
            Self::Kill => kill::run(options, folder).await.map(Ran::Run),
            Self::Vanish => vanish::run(options, folder).await.map(Ran::Run),
            Self::Full => full::run(options, folder).await,
            Self::Term => term::run(options, folder).await.map(Ran::Run),
        };
        ran.unwrap_or_else(|error| {
            let mut tally = Tally::default();
            let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            let end = log.lines().last().unwrap_or_default();
            tally.fault(Fault::Other, format!("could not go on: {error}; the server's last words: {end}"));
            Ran::Run(tally)
        })
    }
}

fn main() -> Fallible<ExitCode> {
    let options = Options::parse();
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        // Dropping the parts kills the servers, unmounts and removes the folders.
        tokio::select! {
            clean = run(&options) => Ok(if clean? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
            _ = terminate.recv() => Err("terminated".into()),
        }
    })
}

async fn run(options: &Options) -> Fallible<bool> {
    let server = options.server.canonicalize().map_err(|error| format!("{}: {error}", options.server.display()))?;
    let folder = options.folder.as_deref().or(server.parent()).ok_or("the binary is in no folder")?;
    let mut ran = Vec::new();
    for (part, name) in Part::ALL.into_iter().filter(|(part, _)| options.part.is_none_or(|only| only == *part)) {
        let folder = tempfile::Builder::new().prefix("crash-").tempdir_in(folder)?;
        eprintln!("{name} in {}", folder.path().display());
        ran.push((name, part.run(options, folder.path()).await));
    }
    Ok(report::print(&ran))
}
