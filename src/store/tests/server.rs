//! SurrealDB server for the suite: a separate process for each store, with its data in a temporary
//! folder.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Environment variable with the path of the `surreal` binary.
const BINARY: &str = "CLIENTELE_TEST_SURREAL";
/// Name and password of the server's root user.
const ROOT: &str = "root";

/// Running server. It is killed when the value is dropped.
pub(super) struct Server {
    process: Child,
    /// Address for connections.
    pub url: String,
    _folder: TempDir,
}

impl Server {
    /// Starts a server and waits until it accepts connections. Panics if there is no binary or the
    /// server ends, so that a test without a server fails.
    pub async fn start() -> Self {
        let binary = std::env::var(BINARY).unwrap_or_else(|_| panic!("{BINARY} must be the path of a surreal binary"));
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).unwrap();
        let process = Command::new(&binary)
            .args(["start", "--no-banner", "--log", "warn", "--user", ROOT, "--pass", ROOT])
            .args(["--bind", &address.to_string(), &format!("rocksdb://{}", folder.path().join("db").display())])
            .env("SURREAL_ONLINE_VERSION_CHECK", "false")
            .stdin(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary} does not start: {error}"));
        let mut server = Self { process, url: format!("ws://{address}"), _folder: folder };
        for _ in 0..600 {
            if let Some(status) = server.process.try_wait().unwrap() {
                panic!("{binary} ended: {status}");
            }
            if TcpStream::connect(address).is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{binary} accepts no connection");
    }

    /// Returns the name and password of the root user.
    pub fn credentials() -> (String, String) {
        (ROOT.to_owned(), ROOT.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
