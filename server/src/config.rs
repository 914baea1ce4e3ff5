//! Settings in one struct. The doc comment of a field is its help text and its row in the README; a
//! test compares them.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clientele::store::{CACHE_MIB, Clock, Connection};

/// Settings of Clientele. Each is a flag and an environment variable.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Database URL: `rocksdb://PATH` (embedded), `mem://` (in memory, lost on exit),
    /// `ws://HOST:PORT` or `wss://HOST` (a SurrealDB server)
    #[arg(long, env = "CLIENTELE_DATABASE", default_value = "rocksdb://data", global = true)]
    pub database: String,

    /// SurrealDB namespace
    #[arg(long, env = "CLIENTELE_DATABASE_NAMESPACE", default_value = "clientele", global = true)]
    pub database_namespace: String,

    /// SurrealDB database in that namespace: one for each tenant
    #[arg(long, env = "CLIENTELE_DATABASE_NAME", default_value = "clientele", global = true)]
    pub database_name: String,

    /// User name at a SurrealDB server
    #[arg(long, env = "CLIENTELE_DATABASE_USER", requires = "database_password", global = true)]
    pub database_user: Option<String>,

    /// Password of that user
    #[arg(long, env = "CLIENTELE_DATABASE_PASSWORD", hide_env_values = true, global = true)]
    pub database_password: Option<String>,

    /// Size of RocksDB's block cache in MiB; write buffers take up to 96 MiB more
    #[arg(long, env = "CLIENTELE_DATABASE_CACHE", default_value_t = CACHE_MIB, global = true)]
    pub database_cache: u32,

    /// Address to listen on
    #[arg(long, env = "CLIENTELE_ADDRESS", default_value = "127.0.0.1:3000", global = true)]
    pub address: SocketAddr,

    /// Address for operators, such as `127.0.0.1:9090`, with `/metrics` for Prometheus and a
    /// detailed `/readyz`. Without it, metrics and details are not served
    #[arg(long, env = "CLIENTELE_METRICS_ADDRESS", global = true)]
    pub metrics_address: Option<SocketAddr>,

    /// URL that browsers use, such as `https://clientele.example`; with `https://`, cookies are
    /// secure and bound to this host. Defaults to `http://` and the listen address
    #[arg(long, env = "CLIENTELE_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,

    /// Address of a proxy whose `X-Forwarded-For` is trusted. Can be repeated or separated by commas
    #[arg(long, env = "CLIENTELE_TRUSTED_PROXY", value_delimiter = ',', global = true)]
    pub trusted_proxy: Vec<IpAddr>,

    /// MaxMind database file (.mmdb) that maps a visitor's IP address to a region; without it,
    /// regions are unknown
    #[arg(long, env = "CLIENTELE_IP_DATABASE", global = true)]
    pub ip_database: Option<PathBuf>,

    /// Time zone of browsers that have not sent theirs, such as `Asia/Shanghai`
    #[arg(long, env = "CLIENTELE_TIME_ZONE", default_value = "UTC", global = true)]
    pub time_zone: String,

    /// Folder with the script, the style sheet and the icons, as built by `make build`
    #[arg(long, env = "CLIENTELE_SITE_DIR", default_value = "dist", global = true)]
    pub site_dir: PathBuf,

    /// Format of the log
    #[arg(long, env = "CLIENTELE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,

    /// Log filter: a level, or levels by module such as `info,clientele=debug`
    #[arg(long, env = "CLIENTELE_LOG", default_value = "info,surrealdb=warn", global = true)]
    pub log: String,
}

/// Format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Readable text.
    Text,
    /// One JSON object per line, for machines.
    Json,
}

impl Settings {
    /// Returns the connection parameters of the database.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            url: self.database.clone(),
            namespace: self.database_namespace.clone(),
            database: self.database_name.clone(),
            credentials: self.database_user.clone().zip(self.database_password.clone()),
            cache_mib: self.database_cache,
            clock: Clock::default(),
        }
    }

    /// Returns the URL that browsers use, without a trailing slash.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.address),
        }
    }

    /// `true` if browsers use https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}
