//! Starting, killing and ending the release binary.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::Fallible;
use crate::http::{Client, Request};

/// The longest from start to `/readyz`; far above the figure to reach, so that a slow start is measured and not cut off.
const READY_TIMEOUT: Duration = Duration::from_secs(60);
const LOG_LINES: usize = 12;

/// A binary and the database it works on.
#[derive(Clone, Debug)]
pub struct Installation {
    binary: PathBuf,
    database: String,
    site: PathBuf,
    log: PathBuf,
}

impl Installation {
    /// Puts a database into `data`, and the log and an empty site folder into `folder`.
    ///
    /// # Errors
    /// If a folder cannot be made.
    pub fn new(binary: &Path, folder: &Path, data: &Path) -> Fallible<Self> {
        let site = folder.join("site");
        std::fs::create_dir_all(&site)?;
        let database = format!("rocksdb://{}", data.display());
        Ok(Self { binary: binary.to_owned(), database, site, log: folder.join("server.log") })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        // Settings of whoever runs this must not reach the server.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CLIENTELE_")) {
            command.env_remove(name);
        }
        command.args(arguments).args(["--database", &self.database, "--log", "warn"]).kill_on_drop(true);
        command
    }

    /// Runs a command to its end and returns what it printed. The server must not run.
    ///
    /// # Errors
    /// If it fails, with what it printed.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Fallible<String> {
        let (status, printed) = self.try_run(arguments, input).await?;
        if status.success() { Ok(printed) } else { Err(format!("{arguments:?} failed: {printed}").into()) }
    }

    /// Runs a command to its end and returns its status and all it printed.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn try_run(&self, arguments: &[&str], input: &str) -> Fallible<(ExitStatus, String)> {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads nothing may be gone already.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let output = child.wait_with_output().await?;
        let printed = [output.stdout, output.stderr].concat();
        Ok((output.status, String::from_utf8_lossy(&printed).into_owned()))
    }

    /// Starts the server on a free port and waits until it is ready.
    ///
    /// # Errors
    /// If it ends or is not ready in time, with the end of its log.
    pub async fn start(&self) -> Fallible<Running> {
        // A new port each time: no answer can come from the process before.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        let started = Instant::now();
        let child = self
            .command(&["serve", "--address", &address.to_string()])
            .arg("--site-dir")
            .arg(&self.site)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut running = Running { child, address, ready_after: Duration::ZERO };
        while started.elapsed() < READY_TIMEOUT {
            if let Some(status) = running.child.try_wait()? {
                return Err(format!("the server ended at its start ({status}):\n{}", self.end_of_log()).into());
            }
            if is_ready(address).await {
                running.ready_after = started.elapsed();
                return Ok(running);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(format!("the server is not ready after {READY_TIMEOUT:?}:\n{}", self.end_of_log()).into())
    }

    /// Returns the last lines of the server's log.
    pub fn end_of_log(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    Client::new(address).send(&Request::get("/readyz")).await.is_ok_and(|answer| answer.status == 200)
}

/// The longest that a killed process takes to be gone.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A server that runs. Dropping it kills it.
pub struct Running {
    child: Child,
    /// Address that it listens on.
    pub address: SocketAddr,
    /// Time from start to the first 200 of `/readyz`.
    pub ready_after: Duration,
}

impl Running {
    /// Kills the process with SIGKILL.
    ///
    /// # Errors
    /// If it is gone already: it must not end by itself.
    pub async fn kill(mut self) -> Fallible<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the server ended by itself ({status})").into());
        }
        self.child.kill().await?;
        Ok(())
    }

    /// Asks the process to end with SIGTERM.
    ///
    /// # Errors
    /// If the shell cannot be run or the process is gone.
    pub async fn ask_to_end(&self) -> Fallible<()> {
        let id = self.child.id().ok_or("the server is gone")?;
        // Built into every shell; small systems have no program of that name.
        let status = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().await?;
        if status.success() { Ok(()) } else { Err("the signal could not be sent".into()) }
    }

    /// Waits for the end of the process; `None` if it does not end in time.
    ///
    /// # Errors
    /// The error of the system.
    pub async fn ended_within(&mut self, limit: Duration) -> Fallible<Option<ExitStatus>> {
        match tokio::time::timeout(limit, self.child.wait()).await {
            Ok(status) => Ok(Some(status?)),
            Err(_) => Ok(None),
        }
    }
}

impl Drop for Running {
    /// Waits for the end too: a server that is still dying would write into a folder that is being removed.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let begun = Instant::now();
        while begun.elapsed() < EXIT_TIMEOUT && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
