//! Settings: one struct. A field's doc comment is its help text and its row in the README, which a test compares.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clientele::store::{CACHE_MIB, Connection};

/// Where and how Clientele runs. Each setting is a flag or an environment variable.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// The database: `rocksdb://PATH` (embedded), `mem://` (gone at the end), `ws://HOST:PORT` or `wss://HOST` (a SurrealDB server)
    #[arg(long, env = "CLIENTELE_DATABASE", default_value = "rocksdb://data", global = true)]
    pub database: String,

    /// The SurrealDB namespace
    #[arg(long, env = "CLIENTELE_DATABASE_NAMESPACE", default_value = "clientele", global = true)]
    pub database_namespace: String,

    /// The SurrealDB database in that namespace: one for each tenant
    #[arg(long, env = "CLIENTELE_DATABASE_NAME", default_value = "clientele", global = true)]
    pub database_name: String,

    /// The user at a SurrealDB server
    #[arg(long, env = "CLIENTELE_DATABASE_USER", requires = "database_password", global = true)]
    pub database_user: Option<String>,

    /// The user's password
    #[arg(long, env = "CLIENTELE_DATABASE_PASSWORD", hide_env_values = true, global = true)]
    pub database_password: Option<String>,

    /// Memory in MiB for the block cache of a RocksDB; beside it, up to 96 MiB hold what is not written to its tables yet
    #[arg(long, env = "CLIENTELE_DATABASE_CACHE", default_value_t = CACHE_MIB, global = true)]
    pub database_cache: u32,

    /// The address to listen on
    #[arg(long, env = "CLIENTELE_ADDRESS", default_value = "127.0.0.1:3000", global = true)]
    pub address: SocketAddr,

    /// An address for operators, such as `127.0.0.1:9090`: `/metrics` for Prometheus, and `/readyz` with details. Without it there are none
    #[arg(long, env = "CLIENTELE_METRICS_ADDRESS", global = true)]
    pub metrics_address: Option<SocketAddr>,

    /// The address browsers use, such as `https://clientele.example`; with `https://`, cookies are bound to it. Without it, `http://` and the address to listen on
    #[arg(long, env = "CLIENTELE_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,

    /// An address whose `X-Forwarded-For` is believed: the proxy in front. Can be repeated, or separated by commas
    #[arg(long, env = "CLIENTELE_TRUSTED_PROXY", value_delimiter = ',', global = true)]
    pub trusted_proxy: Vec<IpAddr>,

    /// A MaxMind-format file (.mmdb) that tells the region of a visitor's IP address; without it regions are unknown
    #[arg(long, env = "CLIENTELE_IP_DATABASE", global = true)]
    pub ip_database: Option<PathBuf>,

    /// The time zone of browsers that have not said theirs, such as `Asia/Shanghai`
    #[arg(long, env = "CLIENTELE_TIME_ZONE", default_value = "UTC", global = true)]
    pub time_zone: String,

    /// The folder with the script, the style sheet and the icons, as `make build` makes it
    #[arg(long, env = "CLIENTELE_SITE_DIR", default_value = "dist", global = true)]
    pub site_dir: PathBuf,

    /// How the log is written
    #[arg(long, env = "CLIENTELE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,

    /// What is logged: a level, or levels by module such as `info,clientele=debug`
    #[arg(long, env = "CLIENTELE_LOG", default_value = "info,surrealdb=warn", global = true)]
    pub log: String,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line, for machines.
    Json,
}

impl Settings {
    /// The database to open.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            url: self.database.clone(),
            namespace: self.database_namespace.clone(),
            database: self.database_name.clone(),
            credentials: self.database_user.clone().zip(self.database_password.clone()),
            cache_mib: self.database_cache,
        }
    }

    /// The address browsers use, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.address),
        }
    }

    /// Whether browsers reach us by https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}
